"""Rank correlations by seed."""

import pandas
import pytest

from rotelab.claims.rank_correlation import rank_correlations
from rotelab.errors import Refusal


def test_one_for_each_seed() -> None:
    by_value = {
        0.5: pandas.Series({0: 3.0, 1: 3.0, 2: 1.0}),
        0.0: pandas.Series({0: 1.0, 1: 9.0, 2: 2.0}),
        1.0: pandas.Series({0: 7.0, 1: 1.0, 2: 3.0}),
    }
    found = rank_correlations(by_value, 0.0)
    assert found.values == pytest.approx([1, -1, 0.5])
    assert (found.low, found.high, found.step) == (-1, 1, 0.5)


def test_a_seed_without_one_of_the_values_is_left_out() -> None:
    by_value = {
        0.0: pandas.Series({0: 1.0, 1: 1.0}),
        1.0: pandas.Series({1: 2.0}),
        2.0: pandas.Series({0: 3.0, 1: 3.0}),
    }
    assert rank_correlations(by_value, 0.0).values == pytest.approx([1])


def test_where_all_is_alike_there_is_no_order(recwarn: pytest.WarningsRecorder) -> None:
    alike = {value: pandas.Series({0: 0.1}) for value in (0.0, 1.0, 2.0)}
    assert rank_correlations(alike, 0.0).values == (0,)
    with pytest.raises(Refusal, match="finite values"):
        rank_correlations(alike, float("nan"))
    assert not recwarn.list


def test_one_value_has_no_order() -> None:
    with pytest.raises(Refusal, match="no order"):
        rank_correlations({0.5: pandas.Series({0: 1.0})}, 0.0)
