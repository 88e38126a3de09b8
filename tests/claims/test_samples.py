"""Intervals by hand, at their bounds, and of one seed."""

from math import atanh, inf, nan, tanh

import pytest

from rotelab.claims.samples import RESOLUTION, Bounded, Exact, Mean, Sample, Unpaired, accuracies
from rotelab.claims.verdicts import Interval


def correlations(*values: float, points: int = 5) -> Bounded:
    return Bounded(values, -1.0, 1.0, 12 / (points**3 - points))


def test_three_values_by_hand() -> None:
    """Mean 2, standard deviation 1; the 0.975 quantile of t with 2 degrees of freedom is 4.302653 in every table."""
    found = Mean((1.0, 2.0, 3.0)).interval()
    assert (found.mean, found.seeds) == (2.0, 3)
    assert found.high - 2 == pytest.approx(4.302653 / 3**0.5, rel=1e-6)
    assert 2 - found.low == pytest.approx(found.high - 2)


def test_two_values_by_hand() -> None:
    """t with 1 degree of freedom: 12.7062; the standard deviation of 0 and 1 is sqrt(1/2)."""
    found = Mean((0.0, 1.0)).interval()
    assert (found.low, found.high) == pytest.approx((0.5 - 12.7062 / 2, 0.5 + 12.7062 / 2), rel=1e-5)


def test_equal_values_have_no_width() -> None:
    assert Mean((0.25,) * 4).interval() == Interval(0.25, 0.25, 0.25, 4)
    assert Unpaired((0.75,) * 4, (0.5, 0.5)).interval() == Interval(0.25, 0.25, 0.25, 2)


def test_arithmetic_has_no_doubt() -> None:
    assert Exact(2.5).interval() == Interval(2.5, 2.5, 2.5, 1)


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        (Mean((0.7,)), Interval(0.7, -inf, inf, 1)),
        (Unpaired((0.75,), (0.25, 0.5)), Interval(0.375, -inf, inf, 1)),
        (accuracies([0.7]), Interval(0.7, 0.0, 1.0, 1)),
        (correlations(1.0), Interval(1.0, -1.0, 1.0, 1)),
    ],
)
def test_a_single_seed_says_nothing(sample: Sample, expected: Interval) -> None:
    assert sample.interval() == expected


@pytest.mark.parametrize("values", [(), (nan,), (1.0, inf), (0.0, 1.0, -inf)])
def test_an_interval_needs_finite_values(values: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="finite values"):
        Mean(values)
    with pytest.raises(ValueError, match="finite values"):
        Unpaired((1.0, 2.0), values)
    with pytest.raises(ValueError, match="finite values"):
        accuracies(values)


def test_a_value_beyond_its_bounds_is_a_fault() -> None:
    with pytest.raises(ValueError, match="within"):
        accuracies([0.5, 1.1])


def test_welch_by_hand() -> None:
    """Variances 1 / 3 and 4 / 3: degrees of freedom (5 / 3)^2 / ((1 / 9 + 16 / 9) / 2) = 2.9412, t = 3.2190."""
    found = Unpaired((1.0, 2.0, 3.0), (2.0, 4.0, 6.0)).interval()
    assert (found.mean, found.seeds) == (-2.0, 3)
    assert found.high + 2 == pytest.approx(3.2190 * (5 / 3) ** 0.5, rel=1e-3)


def test_what_pairs_share_counts_once_a_seed_and_twice_without_pairs() -> None:
    one, other = (0.1, 0.5, 0.9), (0.0, 0.4, 0.8)
    paired = Mean(tuple(a - b for a, b in zip(one, other, strict=True))).interval()
    unpaired = Unpaired(one, other).interval()
    assert paired.low > 0 > unpaired.low


def test_of_correlations_it_is_fishers_z() -> None:
    """t times the standard error of the mean, over 1 - r^2, which is the slope of z."""
    values = (0.5, 0.6, 0.7)
    found = correlations(*values).interval()
    half = 4.302653 * 0.1 / 3**0.5 / (1 - 0.6**2)
    assert found.mean == pytest.approx(0.6)
    assert (found.low, found.high) == pytest.approx((tanh(atanh(0.6) - half), tanh(atanh(0.6) + half)), rel=1e-5)


def test_seeds_that_agree_are_known_to_a_step() -> None:
    """Three perfect orders of five are above .5; of three values, above 0 and hardly more; of two they say nothing."""
    five, three, two = (correlations(1.0, 1.0, 1.0, points=points).interval() for points in (5, 3, 2))
    assert five.high == three.high == two.high == 1
    assert 0.7 < five.low < 0.9
    assert 0 < three.low < 0.2
    assert two.low < 0


def test_accuracies_at_their_bound() -> None:
    low, high = accuracies([0.0] * 3).interval(), accuracies([1.0] * 3).interval()
    assert (low.mean, low.low, high.mean, high.high) == (0, 0, 1, 1)
    assert 2 * RESOLUTION < low.high < 10 * RESOLUTION
    assert 1 - high.low == pytest.approx(low.high)
    assert accuracies([0.999, 1.0, 1.0]).interval().low > 0.99
    assert accuracies([0.1, 1.0, 1.0]).interval().low < 0.1


def test_between_its_bounds_the_middle_is_as_students() -> None:
    """Far from them a short interval is nearly the plain one."""
    values = (0.49, 0.5, 0.51)
    plain, found = Mean(values).interval(), accuracies(values).interval()
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high), abs=1e-4)
