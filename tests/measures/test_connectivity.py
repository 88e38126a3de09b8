"""Barriers worked out by hand, of networks with themselves, and of networks with batch norm."""

from collections.abc import Callable
from copy import deepcopy
from math import exp, log, log1p

import pytest
import torch
from torch import nn

from rotelab.errors import Refusal
from rotelab.measures.connectivity import along, barrier, height, renew
from rotelab.models.batch_norm_cnn import batch_norm_cnn
from rotelab.models.mlp import mlp
from rotelab.randomness import stream

IMAGES = torch.rand(40, 1, 8, 8, generator=stream("connectivity"))
LABELS = torch.arange(40) % 3


def one_weight(value: float) -> nn.Module:
    """Outputs 0 and ``value^2`` times the input."""
    first, second = nn.Linear(1, 1, bias=False), nn.Linear(1, 2, bias=False)
    first.weight.data[:] = value
    second.weight.data[:] = torch.tensor([[0.0], [value]])
    return nn.Sequential(nn.Flatten(), first, second)


def test_as_worked_out() -> None:
    """Outputs 0 and w^2 x for x = 1, of class 1: right but in the middle between w = 2 and w = -2, where both are 0 and
    the first class is guessed."""
    found = along(one_weight(2.0), one_weight(-2.0), torch.ones(2, 1, 1, 1), torch.tensor([1, 1]), 5)
    assert found.at.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert found.error.tolist() == [0, 0, 1, 0, 0]
    squares = torch.tensor([4.0, 1.0, 0.0, 1.0, 4.0])
    assert found.loss == pytest.approx(torch.log1p(torch.exp(-squares)), rel=1e-5)
    error, loss = barrier(one_weight(2.0), one_weight(-2.0), torch.ones(2, 1, 1, 1), torch.tensor([1, 1]), 5)
    assert (error, loss) == pytest.approx((1.0, log(2) - log1p(exp(-4))), rel=1e-5)


def test_a_barrier_is_above_the_mean_of_the_ends() -> None:
    assert height(torch.tensor([0.1, 0.4, 0.3], dtype=torch.float64)) == pytest.approx(0.2)


@pytest.mark.parametrize("build", [lambda: mlp((1, 8, 8), 3, [6, 5]), lambda: batch_norm_cnn((1, 8, 8), 3, 2)])
def test_a_network_with_itself_has_none_and_stays_what_it_is(build: Callable[[], nn.Module]) -> None:
    network = build()
    before = deepcopy(network.state_dict())
    assert barrier(network, network, IMAGES, LABELS, 7) == pytest.approx((0, 0), abs=1e-6)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert network.training


def test_statistics_of_batch_norms_are_those_of_the_images() -> None:
    network = batch_norm_cnn((1, 8, 8), 3, 2)
    renew(network, IMAGES)
    outputs = network.train()(IMAGES)
    assert torch.allclose(network.eval()(IMAGES), outputs, atol=1e-2)  # but for n over n - 1 of the variance
    stale = batch_norm_cnn((1, 8, 8), 3, 2)
    assert not torch.allclose(stale.train()(IMAGES), stale.eval()(IMAGES), atol=1e-2)


def test_what_has_no_line_is_refused() -> None:
    one = mlp((1, 8, 8), 3, [6])
    with pytest.raises(Refusal, match="no line between networks"):
        barrier(one, mlp((1, 8, 8), 3, [5]), IMAGES, LABELS)
    with pytest.raises(Refusal, match="points = 1: a line has two ends"):
        barrier(one, one, IMAGES, LABELS, 1)
