"""Two spheres: points, the steps of SGD against automatic differentiation, and the bound against the measures' own."""

from itertools import islice

import numpy
import pytest
import torch
from torch import nn
from torch.nn.functional import softplus

from rotelab.exact import two_spheres
from rotelab.exact.two_spheres import Network, Points
from rotelab.measures.norm_bounds import bounds

GENERATOR = numpy.random.default_rng(0)
POINTS = two_spheres.drawn(40, 6, GENERATOR)
START = two_spheres.initial(12, 6, GENERATOR)


def test_points_lie_on_their_spheres_in_equal_parts_and_move_to_the_other() -> None:
    norms = numpy.linalg.norm(POINTS.points, axis=1)
    assert norms == pytest.approx(numpy.where(POINTS.labels > 0, 1.1, 1.0), rel=1e-6)
    assert POINTS.labels.sum() == 0
    moved = two_spheres.moved(POINTS)
    assert (moved.labels == -POINTS.labels).all()
    assert numpy.linalg.norm(moved.points, axis=1) == pytest.approx(numpy.where(moved.labels > 0, 1.1, 1.0), rel=1e-6)
    cosines = (moved.points * POINTS.points).sum(1) / 1.1
    assert cosines == pytest.approx(1, rel=1e-6)
    assert two_spheres.moved(moved).points == pytest.approx(POINTS.points, rel=1e-6)


def test_directions_are_uniform() -> None:
    many = two_spheres.drawn(20_000, 3, numpy.random.default_rng(1)).points
    assert (many / numpy.linalg.norm(many, axis=1)[:, None]).mean(0) == pytest.approx(0, abs=0.02)
    assert (many.T @ many / len(many)) == pytest.approx(numpy.eye(3) * (1 + 1.21) / 6, abs=0.02)


def test_without_biases_a_network_is_right_exactly_where_it_is_wrong_once_moved() -> None:
    network = Network(START.inner, 0 * START.shifts, START.outer, 0 * START.shift)
    assert network.error(POINTS) + network.error(two_spheres.moved(POINTS)) == 1


def test_steps_are_those_of_sgd() -> None:
    module = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 1))
    names = ("0.weight", "0.bias", "2.weight", "2.bias")
    shapes = (START.inner, START.shifts, START.outer[None], START.shift)
    module.load_state_dict({name: torch.tensor(of) for name, of in zip(names, shapes, strict=True)})
    points, labels = map(torch.tensor, POINTS)
    orders = numpy.random.default_rng(2)
    for _ in range(3):
        for some in torch.tensor(orders.permutation(40)).split(16):
            loss = softplus(-labels[some] * module(points[some])[:, 0]).mean()
            for of, slope in zip(module.parameters(), torch.autograd.grad(loss, [*module.parameters()]), strict=True):
                of.data -= 0.5 * slope
    *_, found = islice(two_spheres.descent(POINTS, START, 0.5, 16, numpy.random.default_rng(2)), 3)
    for ours, theirs in zip(found, module.parameters(), strict=True):
        assert ours == pytest.approx(theirs.detach().numpy().reshape(ours.shape), abs=1e-5)
    assert START.distance(found) > 0.1


def test_the_bound_is_that_of_the_measures() -> None:
    found = two_spheres.fit(POINTS, START, 2.0, 8, 1.0, 2000, numpy.random.default_rng(3))
    assert found.fitted
    margins = found.network.margins(POINTS)
    assert (margins >= 1).mean() >= two_spheres.ENOUGH
    weights, initial = (
        {"inner": torch.tensor(of.inner), "outer": torch.tensor(of.outer[None])} for of in (found.network, START)
    )
    theirs = bounds(weights, initial, float(numpy.percentile(margins, 5)), 40, 6, 97)["spec_fro_bound"]
    assert two_spheres.bound(found.network, START, POINTS) == pytest.approx(theirs, rel=1e-4)


def test_training_that_does_not_come_to_the_margin_says_so_and_has_no_bound() -> None:
    found = two_spheres.fit(POINTS, START, 1e-3, 8, 5.0, 2, numpy.random.default_rng(3))
    assert (found.epochs, found.fitted) == (2, False)
    wrong = Points(POINTS.points, -numpy.sign(START.margins(POINTS) * POINTS.labels))
    assert two_spheres.bound(START, START, wrong) == float("inf")
