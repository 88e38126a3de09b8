"""The network of two layers, against automatic differentiation, and what its output's scale does."""

from itertools import islice

import numpy
import pytest
import torch

from rotelab.exact import lazy_network

GENERATOR = numpy.random.default_rng(0)
POINTS, TARGETS = GENERATOR.standard_normal((12, 4)), GENERATOR.choice([-1.0, 1.0], 12)
START = lazy_network.drawn(20, 4, (0.5, 0.1), GENERATOR)


def outputs(weights: tuple[torch.Tensor, ...]) -> torch.Tensor:
    inner, outer = weights
    return (torch.tensor(POINTS) @ inner.T).relu() @ outer


def test_steps_are_along_the_gradient_with_momentum() -> None:
    weights = tuple(torch.tensor(of, requires_grad=True) for of in START)
    first, walk = outputs(weights).detach(), [torch.zeros_like(of) for of in weights]
    for _ in range(4):
        loss = (3 * (outputs(weights) - first) - torch.tensor(TARGETS)).square().mean() / 2 / 9
        walk = [0.9 * of + slope for of, slope in zip(walk, torch.autograd.grad(loss, weights), strict=True)]
        for of, by in zip(weights, walk, strict=True):
            of.data -= 0.05 * by
    *_, found = islice(lazy_network.descent(POINTS, TARGETS, START, 3.0, 0.05, 0.9), 4)
    for one, other in zip(found, weights, strict=True):
        assert one == pytest.approx(other.detach().numpy(), abs=1e-12)


def test_the_tangent_kernel_is_that_of_its_jacobian() -> None:
    weights = tuple(torch.tensor(of) for of in START)
    jacobian = torch.autograd.functional.jacobian(lambda *of: outputs(of), weights)
    flat = torch.cat([of.flatten(1) for of in jacobian], 1).numpy()
    assert lazy_network.tangent_kernel(START, POINTS, POINTS) == pytest.approx(flat @ flat.T, abs=1e-10)


def test_alignment_is_that_of_the_centered_kernel() -> None:
    y = TARGETS - TARGETS.mean()
    assert lazy_network.alignment(numpy.outer(TARGETS, TARGETS) + 3, TARGETS) == pytest.approx(1)
    assert lazy_network.alignment(numpy.eye(12), TARGETS) == pytest.approx(1 / 11**0.5)
    assert lazy_network.alignment(-numpy.outer(y, y), TARGETS) == pytest.approx(-1)


def test_movement_is_relative() -> None:
    kernel = lazy_network.tangent_kernel(START, POINTS, POINTS)
    assert lazy_network.movement(kernel, kernel) == 0
    assert lazy_network.movement(3 * kernel, kernel) == pytest.approx(2)


def test_a_great_scale_is_lazy_and_a_small_one_finds_the_two_inputs_that_count() -> None:
    generator = numpy.random.default_rng(3)
    task = lazy_network.sparse_parity(20, 150, 500, generator)
    start = lazy_network.drawn(100, 20, (1.0, 0.01), generator)
    rich, lazy = (lazy_network.fit(task, start, scale, 0.1, 2000, 0.01) for scale in (0.3, 10.0))
    assert max(rich.squared, lazy.squared) < 0.01
    assert lazy.movement < 0.1 * rich.movement
    assert rich.alignment > 1.2 * rich.alignment_before
    assert lazy.alignment == pytest.approx(lazy.alignment_before, rel=0.15)
    assert rich.test_error < lazy.test_error - 0.05


def test_the_target_is_the_product_of_two_signs() -> None:
    task = lazy_network.sparse_parity(5, 7, 9, numpy.random.default_rng(1))
    assert task.train.shape == (7, 5)
    assert (task.test_targets == numpy.sign(task.test[:, 0]) * numpy.sign(task.test[:, 1])).all()
