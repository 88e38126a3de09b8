"""Epochs at which a costly measure looks: evenly spread over their logarithm."""

from itertools import pairwise

import pytest

from rotelab.spacing import due


def chosen(per_decade: int, last: int) -> list[int]:
    return [epoch for epoch in range(last + 1) if due(epoch, per_decade)]


@pytest.mark.parametrize("per_decade", [1, 3, 20])
def test_before_training_and_the_first_epoch(per_decade: int) -> None:
    assert chosen(per_decade, 1) == [0, 1]


def test_with_many_per_decade_every_early_epoch() -> None:
    assert chosen(20, 15) == [*range(11), 12, 13, 15]


def test_with_one_per_decade_the_powers_of_ten() -> None:
    assert chosen(1, 2000) == [0, 1, 10, 100, 1000]


@pytest.mark.parametrize("per_decade", [1, 3, 5, 20])
def test_so_many_in_every_later_decade(per_decade: int) -> None:
    epochs = chosen(per_decade, 10_000)
    for start in (10, 100, 1000):
        assert sum(start < epoch <= 10 * start for epoch in epochs) == per_decade


@pytest.mark.parametrize("per_decade", [3, 5])
def test_evenly_spread_and_ever_more_seldom(per_decade: int) -> None:
    epochs = chosen(per_decade, 10_000)[1:]
    gaps = [later - earlier for earlier, later in pairwise(epochs)]
    assert gaps == sorted(gaps)
    late = [epoch for epoch in epochs if epoch >= 100]
    assert [b / a for a, b in pairwise(late)] == pytest.approx([10 ** (1 / per_decade)] * (len(late) - 1), rel=0.02)


def test_more_per_decade_never_measures_less() -> None:
    counts = [len(chosen(per_decade, 300)) for per_decade in range(1, 40)]
    assert counts == sorted(counts)
