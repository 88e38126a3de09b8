"""Barriers and verdicts from a made-up table."""

from collections.abc import Callable
from itertools import product

import pandas
import pytest

from rotelab.experiments.mode_connectivity import barriers as figure


def made(middle: Callable[[str, int, bool, int], float]) -> pandas.DataFrame:
    """The error in the middle of each line; 0 at its ends."""
    rows = []
    for pair, at, match, seed in product(figure.PAIRS, (0, 2), (False, True), range(3)):
        if at and pair not in ("generalize", "memorize"):
            continue
        errors = {0.0: 0.0, 0.5: middle(pair, at, match, seed), 1.0: 0.0}
        for place, error in errors.items():
            row = {"pair": pair, "at": at, "matched": match, "seed": seed, "place": place, "train_error": error}
            rows.append(row | {"held_out_error": 0.1})
    return pandas.DataFrame(rows).sample(frac=1, random_state=0)


def test_the_barrier_is_of_a_line_in_order() -> None:
    found = figure.barriers(made(lambda pair, at, match, seed: 0.1 * seed))
    assert found.groupby("seed").barrier.max().tolist() == pytest.approx([0.0, 0.1, 0.2])
    assert len(found) == (7 + 2) * 2 * 3


def test_pairs_are_connected_or_not_by_the_rule() -> None:
    def middle(pair: str, at: int, match: bool, seed: int) -> float:
        return {"memorize": 0.3, "both": 0.04 * (seed > 0)}.get(pair, 0.001) + 0.001 * seed

    lines = [line for line in figure.summary(made(middle)).splitlines() if "other starts" not in line]
    verdicts = {line.partition(", epochs")[0]: line.rpartition(": ")[2] for line in lines}
    assert verdicts == {
        "one of each": "undecided",
        "two that generalize": "holds",
        "two that generalize, as long": "holds",
        "two that memorize": "fails",
    }


def test_it_refuses_where_a_pair_is_missing() -> None:
    whole = made(lambda *_: 0.0)
    for table in (whole.query("pair != 'both'"), whole.query("seed < 2 or pair != 'both'")):
        with pytest.raises(ValueError, match="same seeds for every pair"):
            figure.draw(table)
