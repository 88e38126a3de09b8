"""Descent of the homogeneous network, against automatic differentiation and its own definition."""

import numpy
import pytest
import torch

from rotelab.exact import homogeneous

GENERATOR = numpy.random.default_rng(0)
POINTS, LABELS = GENERATOR.standard_normal((12, 4)), GENERATOR.choice([-1.0, 1.0], 12)
START = homogeneous.initial(20, 4, GENERATOR)


def test_steps_are_along_the_gradient() -> None:
    inner, outer = (torch.tensor(of, requires_grad=True) for of in START)
    points, labels = torch.tensor(POINTS), torch.tensor(LABELS)
    for _ in range(3):
        loss = torch.nn.functional.softplus(-labels * ((points @ inner.T).relu() @ outer)).mean()
        for weights, slope in zip((inner, outer), torch.autograd.grad(loss, (inner, outer)), strict=True):
            weights.data -= 0.3 * slope
    margins = labels * ((points @ inner.T).relu() @ outer)
    square = float(inner.square().sum() + outer.square().sum())
    (seen,) = homogeneous.descent(POINTS, LABELS, START, [3], 0.3)
    assert seen.norm**2 == pytest.approx(square)
    assert seen.margin == pytest.approx(float(margins.min()) / square)
    assert seen.loss == pytest.approx(float(torch.nn.functional.softplus(-margins).mean()))
    assert seen.error == float((margins <= 0).double().mean())


def test_the_margin_grows_after_the_fit_and_the_weights_with_it() -> None:
    looks = homogeneous.descent(POINTS, LABELS, START, [1000, 1500, 2000, 3000], 0.2)
    assert looks[0].error == 0
    assert [look.margin for look in looks] == sorted(look.margin for look in looks)
    assert [look.norm for look in looks] == sorted(look.norm for look in looks)


def test_what_it_starts_from_stays() -> None:
    before = [of.copy() for of in START]
    homogeneous.descent(POINTS, LABELS, START, [5], 0.2)
    assert all((one == other).all() for one, other in zip(START, before, strict=True))
