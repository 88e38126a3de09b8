"""Intervals against Student's t by hand; every rule and every verdict."""

from math import inf, nan

import pytest

from rotelab.claims.verdicts import (
    DEPENDS,
    FAILS,
    HOLDS,
    NOT_MEASURED,
    UNDECIDED,
    Above,
    Below,
    Interval,
    Rule,
    Within,
    verdict,
)


def between(low: float, high: float) -> Interval:
    return Interval((low + high) / 2, low, high, 3)


def test_three_values_by_hand() -> None:
    """Mean 2, standard deviation 1; the 0.975 quantile of t with 2 degrees of freedom is 4.302653 in every table."""
    found = Interval.of([1.0, 2.0, 3.0])
    assert (found.mean, found.seeds) == (2.0, 3)
    assert found.high - 2 == pytest.approx(4.302653 / 3**0.5, rel=1e-6)
    assert 2 - found.low == pytest.approx(found.high - 2)


def test_two_values_by_hand() -> None:
    """t with 1 degree of freedom: 12.7062; the standard deviation of 0 and 1 is sqrt(1/2)."""
    found = Interval.of([0.0, 1.0])
    assert (found.low, found.high) == pytest.approx((0.5 - 12.7062 / 2, 0.5 + 12.7062 / 2), rel=1e-5)


def test_equal_values_have_no_width() -> None:
    assert Interval.of([0.25] * 4) == Interval(0.25, 0.25, 0.25, 4)


def test_a_single_seed_is_unbounded() -> None:
    assert Interval.of([0.7]) == Interval(0.7, -inf, inf, 1)


@pytest.mark.parametrize("values", [[], [nan], [1.0, inf], [0.0, 1.0, -inf]])
def test_an_interval_needs_finite_values(values: list[float]) -> None:
    with pytest.raises(ValueError, match="finite values"):
        Interval.of(values)


def test_arithmetic_gives_one_number() -> None:
    assert Interval.exact([2.5]) == Interval(2.5, 2.5, 2.5, 1)
    with pytest.raises(ValueError, match="too many"):
        Interval.exact([1.0, 2.0])


@pytest.mark.parametrize(
    ("rule", "low", "high", "expected"),
    [
        (Within(1.0, 2.0), 1.1, 1.9, HOLDS),
        (Within(1.0, 2.0), 1.0, 2.0, HOLDS),  # the bounds belong to it
        (Within(1.0, 2.0), 0.5, 0.99, FAILS),
        (Within(1.0, 2.0), 2.01, 3.0, FAILS),
        (Within(1.0, 2.0), 0.5, 1.0, UNDECIDED),
        (Within(1.0, 2.0), 2.0, 3.0, UNDECIDED),
        (Within(1.0, 2.0), 0.0, 3.0, UNDECIDED),
        (Within(low=1.0), 1.0, inf, HOLDS),
        (Within(high=1.0), -inf, 1.0, HOLDS),
        (Within(high=1.0), 1.1, inf, FAILS),
        (Within(1.0, 2.0), -inf, inf, UNDECIDED),
        (Above(0.5), 0.51, 0.9, HOLDS),
        (Above(0.5), 0.1, 0.5, FAILS),  # the bound is not above itself
        (Above(0.5), 0.5, 0.5, FAILS),
        (Above(0.5), 0.5, 0.51, UNDECIDED),
        (Above(0.5), -inf, inf, UNDECIDED),
        (Below(0.5), 0.1, 0.49, HOLDS),
        (Below(0.5), 0.5, 0.9, FAILS),
        (Below(0.5), 0.49, 0.5, UNDECIDED),
        (Below(0.5), -inf, inf, UNDECIDED),
    ],
)
def test_every_rule(rule: Rule, low: float, high: float, expected: str) -> None:
    assert rule.verdict(Interval(0.0, low, high, 3)) == expected


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Within(0.55, 0.65), "0.55 to 0.65"),
        (Within(low=2.0), "at least 2"),
        (Within(high=2.0), "at most 2"),
        (Above(0.9), "above 0.9"),
        (Below(0.05), "below 0.05"),
    ],
)
def test_a_rule_in_words(rule: Rule, words: str) -> None:
    assert str(rule) == words


@pytest.mark.parametrize(("low", "high"), [(2.0, 1.0), (nan, 1.0)])
def test_no_interval_is_within_nothing(low: float, high: float) -> None:
    with pytest.raises(ValueError, match="greater than"):
        Within(low, high)


POSITIVE, NEGATIVE, ACROSS = between(1.0, 2.0), between(-2.0, -1.0), between(-1.0, 2.0)


@pytest.mark.parametrize(
    ("intervals", "expected"),
    [
        ([POSITIVE], HOLDS),
        ([POSITIVE, POSITIVE], HOLDS),
        ([NEGATIVE, NEGATIVE], FAILS),
        ([ACROSS], UNDECIDED),
        ([POSITIVE, ACROSS], UNDECIDED),
        ([ACROSS, NEGATIVE], UNDECIDED),
        ([POSITIVE, NEGATIVE], DEPENDS),
        ([POSITIVE, ACROSS, NEGATIVE], DEPENDS),
        ([], NOT_MEASURED),
    ],
)
def test_the_verdict_over_units(intervals: list[Interval], expected: str) -> None:
    assert verdict(Above(0.0), dict(zip(("epochs", "steps", "samples"), intervals, strict=False))) == expected
