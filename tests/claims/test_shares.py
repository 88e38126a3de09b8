"""Clopper and Pearson from tables; runs of one seed; differences that stay between -1 and 1."""

import pandas
import pytest
from scipy.stats import binomtest

from rotelab.claims.shares import Count, ShareDifference, Shares, counts, counts_by_seed


def each(*found: int, of: int = 1) -> tuple[Count, ...]:
    return tuple(Count(number, of) for number in found)


def test_counts_by_seed() -> None:
    dead = pandas.Series([True, False, True, True])
    assert counts(dead, pandas.Series([0, 0, 1, 1])) == (Count(1, 2), Count(2, 2))
    assert str(Count(1, 2)) == "1/2"


@pytest.mark.parametrize("found", [0, 1, 4, 9, 10])
def test_one_run_a_seed_is_clopper_and_pearson(found: int) -> None:
    known = binomtest(found, 10).proportion_ci(method="exact")
    at = Shares(each(*[1] * found, *[0] * (10 - found))).interval()
    assert (at.mean, at.seeds) == (found / 10, 10)
    assert (at.low, at.high) == pytest.approx((known.low, known.high), rel=1e-9)


def test_none_of_three_is_below_seven_tenths() -> None:
    assert Shares(each(0, 0, 0)).interval().high == pytest.approx(1 - 0.025 ** (1 / 3))


def test_runs_of_a_seed_that_fare_alike_count_as_one() -> None:
    """All or none of six in each of ten seeds: nearly as wide as ten runs, not as sixty."""
    alike = Shares(each(6, 0, 6, 0, 6, 0, 6, 0, 6, 0, of=6)).interval()
    mixed = Shares(each(*[3] * 10, of=6)).interval()
    ten, sixty = (binomtest(runs // 2, runs).proportion_ci(method="exact") for runs in (10, 60))
    assert alike.high - alike.low > ten.high - ten.low
    assert (mixed.low, mixed.high) == pytest.approx((sixty.low, sixty.high))


def test_where_all_fare_alike_few_seeds_cost_something() -> None:
    sixty = binomtest(0, 60).proportion_ci(method="exact")
    assert sixty.high < Shares(each(*[0] * 10, of=6)).interval().high < 1.4 * sixty.high


def test_runs_of_a_single_seed_count_as_one() -> None:
    assert Shares((Count(6, 6),)).interval().low == pytest.approx(0.025)
    assert Shares((Count(3, 6),)).interval().low < 0.025


@pytest.mark.parametrize("values", [(), (Count(1, 0),), (Count(3, 2),), (Count(-1, 2),)])
def test_a_share_needs_runs(values: tuple[Count, ...]) -> None:
    with pytest.raises(ValueError, match="a share needs runs"):
        Shares(values)


def test_a_difference_stays_inside_its_bounds() -> None:
    """All against none: the two intervals' distances, squared and added."""
    found = ShareDifference(each(*[1] * 10), each(*[0] * 10)).interval()
    off = 1 - 0.025**0.1
    assert (found.mean, found.high) == (1, 1)
    assert found.low == pytest.approx(1 - 2**0.5 * off)


def test_ten_seeds_that_die_alike_do_not_show_that_one_precision_kills_no_more() -> None:
    found = ShareDifference(each(*[1] * 10), each(*[1] * 10)).interval()
    assert found.mean == 0
    assert found.low == -found.high == pytest.approx(-(1 - 0.025**0.1))


def test_runs_are_counted_by_the_seed_that_they_are_named_by() -> None:
    dead = pandas.Series([1, 0, 1, 1], index=[0, 0, 1, 1])
    assert counts_by_seed(dead) == (Count(1, 2), Count(2, 2))
