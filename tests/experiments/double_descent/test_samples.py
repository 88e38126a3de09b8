"""Train sets of several sizes, from made-up tables: the figure and the claims."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pandas
import pytest
from asking import Of, ask, check_bound, verdict
from drawn import label, xs, ys
from tables import Curve, constant, runs, together

from rotelab.claims.verdicts import FAILS, HOLDS, NOT_MEASURED
from rotelab.experiments.double_descent import samples
from rotelab.experiments.double_descent.claims.samples import CLAIMS

HURTS = "At some width more train images hurt"
MOVES = "More images move the interpolation threshold to wider networks"
HELPS = "The widest network gets better with more images"
WIDTHS = (4, 8, 16, 32)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def nothing(seed: int) -> float:
    return 0.0


def made(
    worse: Of = nothing,
    widest: Of = lambda seed: -0.1,
    fits: tuple[int, int] = (8, 16),
    seeds: tuple[int, ...] = (0, 1),
) -> pandas.DataFrame:
    """100 and 200 images, each of which is fitted from a width on. The test error with 100 is .5 at every width; with
    200 it is this much more at width 8, at the widest by so much more, and at others .3."""
    tables = []
    for size, at in zip((100, 200), fits, strict=True):
        for width in WIDTHS:
            more = {8: worse, 32: widest}.get(width, lambda seed: -0.2)

            def accuracy(epoch: int, step: int, seed: int, more: Of = more, many: bool = size == 200) -> float:
                return 0.5 - (more(seed) if many else 0)

            curves: dict[str, Curve] = {
                "accuracy/train": constant(1.0 if width >= at else 0.8),
                "accuracy/held_out": accuracy,
            }
            where = {"objective": "standard", "data.size": size, "model.width": width, "data.labels.fraction": 0.2}
            tables.append(runs(where, curves, range(1, 3), seeds=seeds))
    return together(*tables)


def test_errors_thresholds_and_the_change_by_width() -> None:
    test, train, change = samples.draw(made(lambda seed: 0.1 + 0.02 * seed)).axes
    drawn = {label(line): ys(line).tolist() for line in test.lines if label(line).endswith("images")}
    assert drawn["100 images"] == pytest.approx([0.5] * 4)
    assert drawn["200 images"] == pytest.approx([0.3, 0.61, 0.3, 0.4])
    assert [float(xs(line)[0]) for line in train.lines if line.get_linestyle() == ":"] == [8, 16]
    assert ys(change.lines[0]).tolist() == pytest.approx([-0.2, 0.11, -0.2, -0.1])


def test_it_says_what_was_seen() -> None:
    said = samples.summary(made(lambda seed: 0.1))
    assert "100 images: interpolates from width 8 on; test error 0.500 at 4" in said
    assert "changes by +0.100 (+0.100) at width 8, the most, and by -0.100 (-0.100) at width 32" in said
    assert "20% of labels wrong" in samples.note(made())


@pytest.mark.parametrize(
    ("text", "case"),
    [
        (HURTS, (lambda worse: made(worse), 0.1, -0.05)),
        (HELPS, (lambda widest: made(widest=widest), -0.1, 0.1)),
    ],
    ids=["hurts", "helps"],
)
def test_either_side_of_the_bound(text: str, case: tuple) -> None:
    check_bound(CLAIMS, text, case)


def test_the_worst_width_is_that_of_the_other_seeds() -> None:
    """Each seed's own worst width is not the others': chosen by itself, both would be .1 worse."""
    table = made(lambda seed: 0.1 if seed else -0.3, lambda seed: -0.3 if seed else 0.1)
    (found,) = ask(CLAIMS, HURTS, table).intervals.values()
    assert found.mean == pytest.approx(-0.3)


def test_the_threshold_moves() -> None:
    assert verdict(CLAIMS, MOVES, made()) == HOLDS
    assert verdict(CLAIMS, MOVES, made(fits=(16, 8))) == FAILS


@pytest.mark.parametrize(
    ("text", "table"),
    [(MOVES, made(fits=(8, 64))), (HURTS, made(seeds=(0,))), (HURTS, made().query("`data.size` == 100"))],
    ids=["none interpolates", "one seed", "one size"],
)
def test_what_cannot_be_asked(text: str, table: pandas.DataFrame) -> None:
    assert verdict(CLAIMS, text, table) == NOT_MEASURED


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (made().drop(columns="data.size"), "two sizes"),
        (made().query("`data.size` == 100 or `model.width` > 4"), "same widths and seeds"),
        (together(made(), made().assign(**{"data.labels.fraction": 0.1}, run="other")), "one share"),
    ],
    ids=["sizes", "widths", "shares"],
)
def test_it_refuses_when_runs_are_missing(table: pandas.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        samples.draw(table)
