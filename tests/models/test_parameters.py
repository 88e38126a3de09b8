"""What is asked of anybody's network, and that a look changes no mode."""

import pytest
import torch
from torch import nn

from rotelab.models.parameters import are_lazy, are_tied, in_eval_mode, materialize, trained


def test_trained_are_those_that_are_not_frozen_each_once() -> None:
    first, second = nn.Linear(2, 2), nn.Linear(2, 2)
    first.bias.requires_grad_(False)
    second.weight = first.weight
    network = nn.Sequential(first, second)
    assert list(trained(network)) == ["0.weight", "1.bias"]
    assert are_tied(network) and not are_tied(nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2)))
    assert not list(trained(nn.Flatten()))


def test_lazy_until_it_has_seen_an_input() -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.LazyLinear(3))
    assert are_lazy(network)
    network(torch.zeros(1, 2))
    assert not are_lazy(network)


def test_lazy_layers_get_their_sizes_and_nothing_else_changes() -> None:
    network = nn.Sequential(nn.BatchNorm1d(2), nn.Dropout(), nn.LazyLinear(3))
    materialize(network, torch.ones(1, 2))
    assert not are_lazy(network) and network.training
    assert dict(network.named_buffers())["0.num_batches_tracked"] == 0
    state = torch.get_rng_state()
    materialize(network, torch.ones(1, 5))  # which it could not take
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("mode", [True, False])
def test_each_module_gets_its_mode_back(mode: bool, fails: bool) -> None:
    network = nn.Sequential(nn.Dropout(), nn.Sequential(nn.BatchNorm1d(2)))
    network.train(mode)
    network[1].train(not mode)
    before = [module.training for module in network.modules()]
    try:
        with in_eval_mode(network):
            assert not any(module.training for module in network.modules())
            if fails:
                raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    assert [module.training for module in network.modules()] == before
