"""Aggregators know no order, the median follows none that stands alone, and the mean is linear."""

from collections.abc import Sequence
from random import Random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from rotelab.aggregators import Aggregator, Mean, Median, Rolling, Statistic, mean, median

NUMBERS = st.floats(-1e6, 1e6, width=32) | st.integers(-3, 3).map(float)
"""Whole ones too, so that some gradients are equal."""
ANYTHING = st.floats(allow_nan=False, width=32)


@st.composite
def gradients(draw: st.DrawFn, least: int = 1, most: int = 8) -> Tensor:
    """So many gradients of a few weights."""
    count, weights = draw(st.integers(least, most)), draw(st.integers(1, 4))
    row = st.lists(NUMBERS, min_size=weights, max_size=weights)
    return torch.tensor(draw(st.lists(row, min_size=count, max_size=count)), dtype=torch.float32)


def left(aggregator: Aggregator, rows: Sequence[Tensor], weight_at: float = 0.0) -> Tensor:
    """What the aggregator leaves for the optimizer of losses with these gradients."""
    weight = nn.Parameter(torch.full_like(rows[0], weight_at))
    aggregator.backward([(weight * row).sum() for row in rows], [weight])
    assert weight.grad is not None
    return weight.grad


@given(gradients(), st.randoms(use_true_random=False))
def test_the_order_of_the_gradients_does_not_matter(rows: Tensor, random: Random) -> None:
    other = rows[random.sample(range(len(rows)), len(rows))]
    assert torch.equal(median(other), median(rows))
    torch.testing.assert_close(mean(other), mean(rows), rtol=1e-5, atol=1e-5 * float(rows.abs().max()))


@given(gradients(least=2), st.floats(0, 2), st.randoms(use_true_random=False))
def test_the_order_of_the_groups_does_not_matter(rows: Tensor, decay: float, random: Random) -> None:
    other = random.sample(list(rows), len(rows))
    assert torch.equal(left(Median(len(rows), decay), other, 0.5), left(Median(len(rows), decay), list(rows), 0.5))
    expected = left(Mean(len(rows)), list(rows))
    torch.testing.assert_close(left(Mean(len(rows)), other), expected, rtol=1e-5, atol=1e-5 * float(rows.abs().max()))


@given(gradients(least=2), st.data())
def test_one_that_lies_moves_no_median_beyond_what_the_others_say(honest: Tensor, data: st.DataObject) -> None:
    weights = honest.shape[1]
    lie = torch.tensor(data.draw(st.lists(ANYTHING, min_size=weights, max_size=weights)), dtype=torch.float32)
    place = data.draw(st.integers(0, len(honest)))
    found = median(torch.cat([honest[:place], lie[None], honest[place:]]))
    assert (honest.min(0).values <= found).all()
    assert (found <= honest.max(0).values).all()


@given(gradients(least=2), st.integers(0, 7), st.integers(0, 3), st.sampled_from([-1e9, 1e9]))
def test_one_that_lies_moves_the_mean_as_far_as_it_likes(rows: Tensor, row: int, weight: int, lie: float) -> None:
    """Why there is a median."""
    row, weight = row % len(rows), weight % rows.shape[1]
    lying = rows.clone()
    lying[row, weight] = lie
    others = torch.cat([rows[:row], rows[row + 1 :]])[:, weight]
    assert not others.min() <= mean(lying)[weight] <= others.max()


@given(gradients(), st.floats(-10, 10), st.floats(-10, 10))
def test_the_mean_is_linear(rows: Tensor, a: float, b: float) -> None:
    rows = rows.double()
    other = rows.flip(0, 1) + 1
    near = 1e-12 * float(rows.abs().max() + 1) * (abs(a) + abs(b))
    torch.testing.assert_close(mean(a * rows + b * other), a * mean(rows) + b * mean(other), rtol=0, atol=near)


@given(gradients(), st.sampled_from([-8.0, -1.0, -0.25, 0.0, 0.5, 2.0]))
def test_the_median_goes_with_the_scale_and_the_sign(rows: Tensor, factor: float) -> None:
    """Exactly so for powers of two."""
    assert torch.equal(median(factor * rows), factor * median(rows))


@given(gradients(), st.integers(1, 8))
def test_equal_gradients_are_their_own_mean_and_median(rows: Tensor, count: int) -> None:
    one = rows[:1]
    assert torch.equal(median(one.expand(count, -1)), one[0])
    torch.testing.assert_close(mean(one.expand(count, -1)), one[0], rtol=1e-6, atol=0)


@given(gradients(least=3), gradients(most=3), st.sampled_from([mean, median]))
def test_what_rolls_remembers_its_last_steps_alone(rows: Tensor, earlier: Tensor, statistic: Statistic) -> None:
    rolling, steps = Rolling(statistic, len(rows)), [*earlier[:, :1].expand(-1, rows.shape[1]), *rows]
    found = [left(rolling, [row]) for row in steps]
    assert torch.equal(found[-1], statistic(rows))
    assert all(not step.any() for step in found[: len(rows) - 1]), "no step before there are as many"


@given(gradients(), st.floats(0, 2), st.floats(-3, 3))
def test_weight_decay_adds_the_same_to_every_gradient(rows: Tensor, decay: float, at: float) -> None:
    plain, decayed = left(Median(len(rows)), list(rows), at), left(Median(len(rows), decay), list(rows), at)
    assert decayed.tolist() == pytest.approx((plain + decay * at).tolist(), rel=1e-5, abs=1e-5)
