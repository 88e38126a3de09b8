"""Descent of a deep network, against automatic differentiation; and which depth it learns from which start."""

import numpy
import pytest
import torch

from rotelab.exact import deep_network, signal_propagation
from rotelab.exact.signal_propagation import Initialization

POINTS = numpy.random.default_rng(0).standard_normal((60, 5))
LABELS = (POINTS[:, 0] > 0).astype(int) + (POINTS[:, 1] > 0)
HE, SMALL = Initialization(2.0), Initialization(0.5)


def test_steps_are_along_the_gradient_with_momentum() -> None:
    generator = numpy.random.default_rng(3)
    first, last = generator.standard_normal((8, 5)) * (2 / 5) ** 0.5, generator.standard_normal((3, 8)) / 8**0.5
    layers = [first, *signal_propagation.drawn(HE, 8, 2, generator), last]
    weights = [torch.tensor(layer, requires_grad=True) for layer in layers]
    walk, truth = [torch.zeros_like(of) for of in weights], torch.tensor(LABELS)

    def scores() -> torch.Tensor:
        hidden = torch.tensor(POINTS)
        for layer in weights[:-1]:
            hidden = (hidden @ layer.T).relu()
        return hidden @ weights[-1].T

    for _ in range(5):
        loss = torch.nn.functional.cross_entropy(scores(), truth)
        walk = [0.9 * of + by for of, by in zip(walk, torch.autograd.grad(loss, weights), strict=True)]
        for of, by in zip(weights, walk, strict=True):
            of.data -= 0.1 * by
    found = deep_network.fit(POINTS, LABELS, HE, (8, 3), 0.1, 5, numpy.random.default_rng(3))
    assert found.loss == pytest.approx(torch.nn.functional.cross_entropy(scores(), truth).item())
    assert found.error == pytest.approx((scores().argmax(1) != truth).double().mean().item())


def test_a_deep_network_learns_from_he_and_not_from_a_smaller_start() -> None:
    def error(of: Initialization, depth: int) -> float:
        return deep_network.fit(POINTS, LABELS, of, (32, depth), 0.03, 150, numpy.random.default_rng(1)).error

    assert error(HE, 16) < 0.1
    assert error(SMALL, 16) > 0.3
    assert error(SMALL, 2) < 0.15
