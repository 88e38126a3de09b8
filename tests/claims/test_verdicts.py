"""Every rule and every verdict; an interval in words."""

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


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        (Interval(0.5, 0.4, 0.65, 3), "0.5 [0.4, 0.65]"),
        (Interval(1_649_402.0, 1_649_402.0, 1_649_402.0, 1), "1,649,402"),
        (Interval(-176.0912, -176.0912, -176.0912, 1), "-176.091"),
    ],
)
def test_an_interval_in_words(interval: Interval, words: str) -> None:
    assert str(interval) == words


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
    assert verdict(Above(0.0), dict(zip(("epochs", "steps", "images"), intervals, strict=False))) == expected
