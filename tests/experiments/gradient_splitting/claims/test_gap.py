"""Epochs of Eq. (1) over epochs of Eq. (3), on images and on noise."""

from functools import partial

import asking
import pandas
import pytest
from tables import runs, straight, together

from rotelab.claims.verdicts import FAILS, HOLDS, NOT_MEASURED
from rotelab.experiments.gradient_splitting.claims import gap

ask, verdict = partial(asking.ask, gap.CLAIMS), partial(asking.verdict, gap.CLAIMS)

SEEDS = (0, 1, 2)


def gaps(images: tuple[int, int], noise: tuple[int, int], last: float = 1.0) -> pandas.DataFrame:
    """Epochs of Eq. (3) and of Eq. (1) until the end, on images and on noise; a straight line to ``last``."""
    tables = []
    for inputs, epochs in (("clean", images), ("gaussian_blend", noise)):
        for objective, until in zip(("standard", "split"), epochs, strict=True):
            where = {"objective": objective, "data/inputs": inputs}
            tables.append(runs(where, {"accuracy/train": straight(last, until)}, range(until + 1), seeds=SEEDS))
    return together(*tables)


GAP = "Epochs of (1) over epochs of (3) tell images from noise"


def test_the_gap() -> None:
    found = ask(GAP, gaps((10, 80), (20, 40)))
    assert found.verdict == HOLDS
    assert found.intervals["at train accuracy 0.9"].mean == pytest.approx(2)  # 8 times as many against twice
    assert verdict(GAP, gaps((20, 40), (10, 80))) == FAILS
    assert verdict(GAP, gaps((10, 20), (20, 40))) == FAILS


def test_the_gap_at_the_highest_level_of_all() -> None:
    assert list(ask(GAP, gaps((10, 80), (20, 40), last=0.7)).intervals) == ["at train accuracy 0.7"]
    found = ask(GAP, gaps((10, 80), (20, 40), last=0.2))
    assert found.verdict == NOT_MEASURED
    assert found.ours.startswith("no train accuracy that all seeds reached")
