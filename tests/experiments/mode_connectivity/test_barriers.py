"""Barriers and verdicts from a made-up table."""

import pytest
from connected import made

from rotelab.experiments.mode_connectivity import barriers as figure


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
