"""Rules decide as their words say: more never counts against "above", and less doubt never changes a verdict."""

from math import inf
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotelab.claims.samples import Exact, Mean
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

NUMBERS = st.floats(-1e6, 1e6) | st.integers(-3, 3).map(float)
"""Whole ones too, so that bounds and intervals meet."""
RANK = {FAILS: 0, UNDECIDED: 1, HOLDS: 2}


@st.composite
def intervals(draw: st.DrawFn, ends: st.SearchStrategy[float] = NUMBERS) -> Interval:
    low, high = sorted([draw(ends), draw(ends)])
    return Interval((low + high) / 2, low, high, draw(st.integers(1, 9)))


@st.composite
def within(draw: st.DrawFn) -> Within:
    low, high = sorted([draw(NUMBERS), draw(NUMBERS)])
    return draw(st.sampled_from([Within(low, high), Within(low=low), Within(high=high), Within(low, low)]))


RULES = st.builds(Above, NUMBERS) | st.builds(Below, NUMBERS) | within()


def moved(interval: Interval, by: float) -> Interval:
    return Interval(interval.mean + by, interval.low + by, interval.high + by, interval.seeds)


@given(NUMBERS, intervals(), st.floats(0, 1e6))
def test_more_never_counts_against_above_nor_less_against_below(bound: float, at: Interval, by: float) -> None:
    assert RANK[Above(bound).verdict(moved(at, by))] >= RANK[Above(bound).verdict(at)]
    assert RANK[Below(bound).verdict(moved(at, -by))] >= RANK[Below(bound).verdict(at)]
    assert RANK[Within(low=bound).verdict(moved(at, by))] >= RANK[Within(low=bound).verdict(at)]
    assert RANK[Within(high=bound).verdict(moved(at, -by))] >= RANK[Within(high=bound).verdict(at)]


@given(RULES, intervals(), st.floats(0, 1), st.floats(0, 1))
def test_more_seeds_that_agree_never_change_a_verdict(rule: Rule, wide: Interval, a: float, b: float) -> None:
    """An interval inside one that decides decides the same."""
    width = wide.high - wide.low
    low, high = sorted(min(wide.low + share * width, wide.high) for share in (a, b))
    found = rule.verdict(wide)
    assert found == UNDECIDED or rule.verdict(Interval(wide.mean, low, high, 9)) == found


@given(RULES, NUMBERS)
def test_a_single_number_is_always_decided_and_no_number_never(rule: Rule, value: float) -> None:
    assert rule.verdict(Exact(value).interval()) != UNDECIDED
    assert rule.verdict(Mean((value,)).interval()) == UNDECIDED, "a single seed has no bounds"


@given(NUMBERS, intervals())
def test_the_bound_is_not_above_itself_but_within(bound: float, at: Interval) -> None:
    """What is above is what is not at most; above is below, seen from the other side."""
    opposite = {HOLDS: FAILS, FAILS: HOLDS, UNDECIDED: UNDECIDED}
    mirrored = Interval(-at.mean, -at.high, -at.low, at.seeds)
    assert Above(bound).verdict(at) == opposite[Within(high=bound).verdict(at)]
    assert Below(bound).verdict(at) == opposite[Within(low=bound).verdict(at)]
    assert Above(bound).verdict(at) == Below(-bound).verdict(mirrored)


@given(within(), intervals())
def test_within_holds_where_both_of_its_sides_do(rule: Within, at: Interval) -> None:
    sides = [Within(low=rule.low).verdict(at), Within(high=rule.high).verdict(at)]
    assert rule.verdict(at) == min(sides, key=RANK.__getitem__)


@given(RULES, st.dictionaries(st.sampled_from(["epochs", "steps", "images"]), intervals()))
def test_a_claim_is_decided_where_its_units_agree(rule: Rule, found: dict[str, Interval]) -> None:
    each = [rule.verdict(interval) for interval in found.values()]
    expected = UNDECIDED
    if not each:
        expected = NOT_MEASURED
    elif HOLDS in each and FAILS in each:
        expected = DEPENDS
    elif len(set(each)) == 1:
        expected = each[0]
    assert verdict(rule, found) == expected
    assert verdict(rule, dict(reversed(found.items()))) == expected


@given(NUMBERS, intervals())
def test_units_that_disagree_are_said_to(bound: float, at: Interval) -> None:
    """Whatever a third unit says."""
    above, below = Interval(bound + 1, bound + 0.5, inf, 3), Interval(bound - 1, -inf, bound, 3)
    for rule in (Above(bound), Below(bound + 0.25)):
        assert verdict(rule, {"epochs": above, "steps": below}) == DEPENDS
        assert verdict(rule, {"epochs": above, "steps": below, "images": at}) == DEPENDS


@given(st.lists(NUMBERS, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_an_interval_does_not_depend_on_the_order_of_the_seeds(values: list[float], random: Random) -> None:
    shuffled = random.sample(values, len(values))
    assert Mean(tuple(shuffled)).interval() == Mean(tuple(values)).interval()


@given(st.lists(NUMBERS, min_size=2, max_size=8), st.floats(0.01, 100), st.floats(-100, 100))
def test_an_interval_goes_with_the_unit(values: list[float], factor: float, term: float) -> None:
    """Of ``factor x + term`` it is that of x, times and plus the same."""
    plain = Mean(tuple(values)).interval()
    other = Mean(tuple(factor * value + term for value in values)).interval()
    assert plain.low <= plain.mean <= plain.high
    near = 1e-9 * (1 + factor * (abs(plain.low) + abs(plain.high)) + abs(term))
    assert other.mean == pytest.approx(factor * plain.mean + term, abs=near)
    assert other.low == pytest.approx(factor * plain.low + term, abs=near)
    assert other.high == pytest.approx(factor * plain.high + term, abs=near)
