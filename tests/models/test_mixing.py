"""Which networks mix the images of a batch, or draw: those can't take two batches as one."""

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import nn

from rotelab.models.convnet5 import convnet5
from rotelab.models.mixing import draws, mixes
from rotelab.models.mlp import mlp
from rotelab.models.resnet18 import resnet18
from rotelab.models.small_alexnet import small_alexnet
from rotelab.models.small_inception import small_inception

SHAPE = (3, 32, 32)


def rescaled(network: nn.Module) -> nn.Module:
    """Its last layer is zero, so that all outputs are as well."""
    *_, last = network.parameters()
    for parameter in (last, *network.parameters()):
        if parameter.shape[:1] == last.shape:
            nn.init.zeros_(parameter)
    return network


MIX = {
    "batch norm": partial(resnet18, width=0.1),
    "inception": partial(small_inception, width=0.1),
    "dropout": lambda shape, classes: nn.Sequential(nn.Flatten(), nn.Dropout(0.1), nn.Linear(3072, classes)),
    "batch norm under zeros": lambda *of: rescaled(resnet18(*of, width=0.1)),
}
KEEP_APART = {
    "convnet5": partial(convnet5, width=0.1),
    "mlp": partial(mlp, widths=[8]),
    "alexnet": partial(small_alexnet, width=0.1),
    "frozen batch norm": partial(resnet18, width=0.1, batch_norm="frozen_init"),
    "group norm": lambda shape, classes: nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.GroupNorm(2, 4), nn.Flatten(), nn.LazyLinear(classes), nn.Softmax(1)
    ),
}


@pytest.mark.parametrize("name", [*MIX, *KEEP_APART])
def test_what_mixes_and_what_does_not(name: str) -> None:
    made: Callable[..., nn.Module] = (MIX | KEEP_APART)[name]
    network = made(SHAPE, 10)
    network(torch.zeros(2, *SHAPE))
    before = {key: value.clone() for key, value in network.state_dict().items()}
    state = torch.get_rng_state()
    assert mixes(network, SHAPE) == (name in MIX)
    assert torch.equal(state, torch.get_rng_state())
    for key, value in network.state_dict().items():
        assert torch.equal(value, before[key]), key


@pytest.mark.parametrize(
    ("network", "expected"),
    [(partial(mlp, widths=[8]), False), (partial(mlp, widths=[8], dropout=0.5), True), (resnet18, False)],
)
def test_what_draws_and_what_does_not(network: Callable[..., nn.Module], expected: bool) -> None:
    before = torch.get_rng_state()
    made = network((1, 8, 8), 3)
    after = torch.get_rng_state()
    kept = {name: value.clone() for name, value in made.state_dict().items()}
    assert draws(made, (1, 8, 8)) is expected
    assert torch.equal(torch.get_rng_state(), after) and not torch.equal(before, after)
    assert all(torch.equal(kept[name], value) for name, value in made.state_dict().items())
