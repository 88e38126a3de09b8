"""Adaptive sharpness: to first order the slope in shares, never less than what a random search finds."""

import pytest
import torch
from curved import curved
from torch import nn

from rotelab.measures.adaptive_sharpness import adaptive_sharpness
from rotelab.measures.folding import fold


def test_in_a_small_ball_it_is_the_slope() -> None:
    of = curved()
    weights = of.weights.clone().requires_grad_()
    (slope,) = torch.autograd.grad(of.loss(weights), weights)
    expected = 1e-5 * (of.weights * slope).norm().item()
    assert adaptive_sharpness(of.folded, of.images, of.labels, rho=1e-5) == pytest.approx(expected, rel=1e-3)


def test_no_random_direction_is_worse() -> None:
    of, rho = curved(), 0.5
    generator = torch.Generator().manual_seed(0)
    found = []
    for _ in range(300):
        share = torch.randn(of.weights.shape, generator=generator, dtype=torch.float64)
        moved = of.weights * (1 + rho * share / share.norm())
        found.append(float(of.loss(moved) - of.loss(of.weights)))
    worst = adaptive_sharpness(of.folded, of.images, of.labels, rho)
    assert worst > max(found)
    assert worst >= adaptive_sharpness(of.folded, of.images, of.labels, rho, steps=1) > 0


def test_weights_of_zero_do_not_move() -> None:
    network = nn.Sequential(nn.Linear(2, 2))
    for value in network.parameters():
        nn.init.zeros_(value)
    images, labels = torch.ones(3, 2), torch.tensor([0, 1, 1])
    assert adaptive_sharpness(fold(network, images[:1]), images, labels) == 0.0
