"""Peaks and thresholds of curves that are known."""

import pandas
import pytest

from rotelab.errors import Refusal
from rotelab.experiments.double_descent.networks import Peak, peak, prominence, threshold


@pytest.mark.parametrize(
    ("values", "places", "height"),
    [
        ([4, 1, 3, 2], (1, 2, 3), 1),  # the start is higher and no peak, for nothing rises to it
        ([0, 2, 1, 5, 4, 9], (0, 1, 2), 1),  # both inner peaks are one high: the first
        ([3, 2, 1], (0, 1, 2), -1),
        ([0, 1, 2, 3], (0, 1, 2), -1),
    ],
)
def test_the_most_prominent_inner_point(values: list[float], places: tuple[int, int, int], height: float) -> None:
    curve = pandas.Series(values)
    assert peak(curve) == Peak(*places)
    assert prominence(curve, peak(curve)) == height


def test_a_peak_is_looked_for_by_place_not_by_row() -> None:
    assert peak(pandas.Series({8: 0.1, 2: 0.2, 4: 0.5})) == Peak(2, 4, 8)


def test_another_curve_has_its_own_height_there() -> None:
    assert prominence(pandas.Series([2.0, 1, 0]), Peak(0, 1, 2)) == -1


def test_two_points_have_no_peak() -> None:
    with pytest.raises(Refusal, match="there are 2"):
        peak(pandas.Series([1, 2]))


@pytest.mark.parametrize(
    ("train", "width"),
    [
        ({2: 0.3, 4: 0.01, 8: 0.0}, 4),
        ({2: 0.0, 4: 0.02, 8: 0.0}, 8),  # from which on, not where it is first
        ({2: 0.0, 4: 0.0}, 2),
        ({2: 0.0, 4: 0.3}, None),
    ],
)
def test_the_least_width_from_which_on_labels_are_interpolated(train: dict[int, float], width: int | None) -> None:
    assert threshold(pandas.Series(train)) == width
