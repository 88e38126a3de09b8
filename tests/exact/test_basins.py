"""Figure 3's two basins: their shape, the ratio of their volumes, and what random points can see of it."""

import math

import pytest
import torch

from rotelab import randomness
from rotelab.exact import basins


def line(*x: float) -> torch.Tensor:
    return torch.tensor(x)[:, None]


def test_the_picture_in_one_dimension() -> None:
    assert basins.WIDTH == {"a": 4, "b": 6}
    a = basins.loss(line(-1, 0, 0.5, 1, 2, 3, 3.25, 4, 7), "a")
    assert a.tolist() == [1, 1, 0.5, 0, 0, 0, 0.25, 1, 1]
    b = basins.loss(line(2, 4, 4.5, 5, 7, 9, 9.75, 10, 11), "b")
    assert b.tolist() == [1, 1, 0.5, 0, 0, 0, 0.75, 1, 1]


def test_the_basins_are_cubes_in_more_dimensions() -> None:
    corners = torch.tensor([[3.5, 1.5], [3.5, 2.5], [0.25, 0.0]])
    assert basins.loss(corners, "a").tolist() == [0.5, 1, 0.75]
    assert basins.inside(corners, "a").tolist() == [True, False, True]
    assert not basins.inside(corners, "b").any()


def test_gradient_descent_ends_in_the_basin_it_began_in_and_nowhere_else() -> None:
    points = torch.rand(500, 3, generator=randomness.stream("test")) * torch.tensor([10.0, 6, 6])
    points -= torch.tensor([0.0, 3, 3])
    for basin in "ab":
        began, moved = basins.inside(points, basin), points.clone().requires_grad_()
        for _ in range(100):  # Eq. (7), of 0.05 a step: up to 1 in each of three directions
            (gradient,) = torch.autograd.grad(basins.loss(moved, basin).sum(), moved)
            moved = (moved - 0.05 * gradient).detach().requires_grad_()
        assert 10 < began.sum() < 490
        assert basins.loss(moved, basin)[began].max() < 1e-5
        assert torch.equal(moved[~began], points[~began])


@pytest.mark.parametrize("dimensions", [1, 2, 10])
def test_random_points_see_the_analytic_ratio(dimensions: int) -> None:
    points = 200_000
    in_a, in_b = basins.sample(dimensions, points, randomness.stream("basins", 0, dimensions))
    assert in_b / points == pytest.approx(0.6, abs=4 * math.sqrt(0.6 * 0.4 / points))
    error = math.sqrt(1 / in_a + 1 / in_b)  # of the logarithm; 2 % in 10 dimensions, where one dimension more is 50 %
    assert math.log(basins.estimate(in_a, in_b).ratio) == pytest.approx(dimensions * math.log(2 / 3), abs=4 * error)


def test_the_interval_holds_the_ratio_as_often_as_it_says() -> None:
    held = 0
    for seed in range(300):
        found = basins.estimate(*basins.sample(3, 500, randomness.stream("basins", seed, 3)))
        held += found.low < (2 / 3) ** 3 < found.high
    assert 0.91 < held / 300 < 0.99


def test_a_thousand_dimensions_are_the_papers_number() -> None:
    log10 = basins.log10_ratio(1000)
    assert log10 == pytest.approx(-176.09, abs=0.005)
    assert round(10 ** (-log10 - 176), 1) == 1.2  # 1/1.2e176, to the digits the paper gives
    assert basins.log10_stable_share(1000) == log10
    assert basins.log10_ratio(10_000) == pytest.approx(10 * log10)  # no underflow


def test_never_hit_gives_an_upper_bound() -> None:
    never = basins.estimate(0, 1000)
    assert never[:2] == (0, 0)
    assert (1 + never.high) ** -1000 == pytest.approx(0.025)  # at the bound, 1000 hits of b alone are this likely
    assert basins.estimate(7, 0)[::2] == (math.inf, math.inf)
    with pytest.raises(ValueError):
        basins.estimate(0, 0)


def test_sampling_ends_where_less_than_one_hit_is_expected() -> None:
    dimension = basins.reach(6e6)
    assert dimension == pytest.approx(38.5, abs=0.05)
    assert 6e6 * (2 / 3) ** dimension == pytest.approx(1)


def test_the_same_stream_gives_the_same_counts_in_chunks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    once = basins.sample(5, 20_000, randomness.stream("basins", 1, 5))
    assert basins.sample(5, 20_000, randomness.stream("basins", 1, 5)) == once
    assert basins.sample(5, 20_000, randomness.stream("basins", 2, 5)) != once
    monkeypatch.setattr(basins, "_CHUNK", 1000)
    assert basins.sample(5, 20_000, randomness.stream("basins", 1, 5)) == once
