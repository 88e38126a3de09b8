"""The claims of double descent from made-up tables: each holds and fails on either side of its bound."""

from collections.abc import Callable

import pandas
import pytest
from asking import Of, at, check_bound, verdict
from widths import TEST, made

from rotelab.claims.verdicts import FAILS, HOLDS, NOT_MEASURED
from rotelab.experiments.double_descent.claims.width import CLAIMS

PEAK = "With wrong labels the test error has a peak in the width, and falls again"
PLACE = "... which is where networks can just interpolate their labels"
NONE = "Without wrong labels there is no peak"
SECOND = "The widest network's test error falls a second time by epoch"
RISE = "... or rises from its least until the end"


def of_width(wrong: float, prominence: Of) -> pandas.DataFrame:
    """The error of width 4 is .2, that of 8 this much more, and the widest has none."""
    by_width = {4: 0.8, 8: lambda epoch, step, seed: 0.8 - prominence(seed), 16: 1.0}
    return made({**TEST, wrong: by_width})


def of_epochs(curve: Callable[[Of], dict[int, float | Of]]) -> Callable[[Of], pandas.DataFrame]:
    """The accuracies of the widest by epoch."""
    return lambda height: made({**TEST, 0.2: {**TEST[0.2], 16: at(curve(height), 0.9)}})


def falls(height: Of) -> dict[int, float | Of]:
    return {1: 0.9, 2: 0.6, 3: lambda seed: 0.6 + height(seed), 4: lambda seed: 0.6 + height(seed)}


def rises(height: Of) -> dict[int, float | Of]:
    return {4: lambda seed: 0.9 - height(seed)}


@pytest.mark.parametrize(
    ("text", "case"),
    [
        (PEAK, (lambda height: of_width(0.2, height), 0.1, -0.1)),
        (NONE, (lambda height: of_width(0, height), -0.1, 0.1)),
        (SECOND, (of_epochs(falls), 0.1, 0.0)),
        (RISE, (of_epochs(rises), 0.1, 0.0)),
    ],
    ids=["peak", "none", "second descent", "overfits"],
)
def test_either_side_of_the_bound(text: str, case: tuple) -> None:
    check_bound(CLAIMS, text, case)


def test_the_peak_is_at_the_threshold() -> None:
    assert verdict(CLAIMS, PLACE, made()) == HOLDS
    far = {4: 0.6, 8: 0.8, 16: 0.9}  # of 5 widths the peak at the least but one
    below = {0: {2: 0.9, **TEST[0]}, 0.2: {1: 0.8, 2: 0.5, **far}}
    assert verdict(CLAIMS, PLACE, made({0: {1: 0.9, **below[0]}, 0.2: below[0.2]})) == FAILS


@pytest.mark.parametrize(
    ("text", "table"),
    [
        (PEAK, made({0.2: TEST[0.2]})),
        (PEAK, made(seeds=(0,))),
        (RISE, made(seeds=(0,))),
        (PLACE, made(train=0.5)),
    ],
    ids=["no right labels", "one seed", "one seed by epoch", "none interpolates"],
)
def test_what_cannot_be_asked(text: str, table: pandas.DataFrame) -> None:
    assert verdict(CLAIMS, text, table) == NOT_MEASURED
