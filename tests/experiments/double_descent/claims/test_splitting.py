"""Where gradient splitting becomes easy, from made-up tables."""

import pandas
import pytest
from asking import always, ask, verdict
from widths import split

from rotelab.claims.verdicts import FAILS, HOLDS, NOT_MEASURED, UNDECIDED
from rotelab.experiments.double_descent.claims.splitting import CLAIMS

TRUE, RANDOM = (
    f"Gradient splitting becomes easy where plain training just fits {of} labels" for of in ("true", "random")
)
DIES = "Gradient splitting dies more often below that threshold"


@pytest.mark.parametrize(
    ("text", "table", "distance", "expected"),
    [
        (TRUE, split(easy=always(8)), 0.0, HOLDS),
        (TRUE, split(easy=always(16)), 1.0, HOLDS),
        (RANDOM, split(easy=always(8)), -1.0, HOLDS),
        (RANDOM, split(easy=always(4)), -2.0, FAILS),
        (TRUE, split(easy=lambda seed: 16 if seed else 4), 0.0, UNDECIDED),
    ],
)
def test_how_far_from_the_threshold(text: str, table: pandas.DataFrame, distance: float, expected: str) -> None:
    if expected == FAILS:  # of equal eases the least width would be it
        table = table.assign(value=table.value.where(table["model.width"] > 4, table.value + 0.001))
    found = ask(CLAIMS, text, table)
    assert (found.intervals[""].mean, found.verdict) == (distance, expected)


@pytest.mark.parametrize(("deaths", "difference"), [((0, 1), 1.0), ((0,), 0.5), ((), 0.0)])
def test_the_share_that_dies_below_minus_that_beyond(deaths: tuple[int, ...], difference: float) -> None:
    assert ask(CLAIMS, DIES, split(deaths=deaths)).intervals[""].mean == difference


def test_without_a_threshold_there_is_no_answer() -> None:
    narrow = split().query("`model.width` < 8")
    assert [verdict(CLAIMS, text, narrow) for text in (TRUE, RANDOM, DIES)] == [NOT_MEASURED] * 3
