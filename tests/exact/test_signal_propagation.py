"""Sizes through depth: against automatic differentiation, their closed forms, and numbers of He and Glorot."""

import numpy
import pytest
import torch

from rotelab.errors import InputError
from rotelab.exact import signal_propagation
from rotelab.exact.signal_propagation import Initialization

GLOROT, HE, ORTHOGONAL = Initialization(1.0), Initialization(2.0), Initialization(2.0, orthogonal=True)


def test_slopes_are_those_of_automatic_differentiation() -> None:
    generator = numpy.random.default_rng(0)
    layers = signal_propagation.drawn(HE, 7, 4, generator)
    points, slopes = generator.standard_normal((2, 3, 7))
    inputs = torch.tensor(points, requires_grad=True)
    hidden = inputs
    for layer in layers:
        hidden = (hidden @ torch.tensor(layer).T).relu()
    active = signal_propagation.forward(layers, points)
    assert active[-1] == pytest.approx(hidden.detach().numpy())
    (expected,) = torch.autograd.grad(hidden, inputs, torch.tensor(slopes))
    found = signal_propagation.backward(layers, active, slopes)
    assert len(found) == 5
    assert found[0] == pytest.approx(expected.numpy())


@pytest.mark.parametrize("of", [GLOROT, HE, ORTHOGONAL])
def test_means_and_spreads_are_the_closed_forms(of: Initialization) -> None:
    generator, width, depth = numpy.random.default_rng(1), 30, 4
    drawn = numpy.array([signal_propagation.ratios(of, width, depth, generator) for _ in range(800)])
    forward, backward = drawn.mean(0)
    assert forward == pytest.approx(of.gain ** numpy.arange(depth + 1), rel=0.15)
    assert backward == pytest.approx(of.gain ** numpy.arange(depth, -1, -1), rel=0.15)
    spread = drawn[:, 0, -1].var() / of.gain ** (2 * depth)
    assert spread == pytest.approx((1 + of.spread(width)) ** depth - 1, rel=0.3)


def test_he_keeps_and_glorot_halves_over_thirty_layers() -> None:
    """Ratios of networks of width 256 lie within those of others that were drawn elsewhere, about a factor of two."""
    drawn = [
        numpy.mean([signal_propagation.ratios(of, 256, 30, numpy.random.default_rng(s))[0][-1] for s in range(8)])
        for of in (HE, GLOROT)
    ]
    assert drawn[0] == pytest.approx(1.100553, rel=0.6)
    assert drawn[1] == pytest.approx(1.02497e-9, rel=0.6)


def test_orthogonal_layers_keep_lengths() -> None:
    (layer,) = signal_propagation.drawn(ORTHOGONAL, 9, 1, numpy.random.default_rng(2))
    assert layer @ layer.T == pytest.approx(2 * numpy.eye(9), abs=1e-12)


def test_no_width_and_no_depth_are_no_network() -> None:
    with pytest.raises(InputError, match="width 0 and depth 3"):
        signal_propagation.drawn(HE, 0, 3, numpy.random.default_rng(0))
