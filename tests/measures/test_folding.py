"""Folding batch norm changes nothing of what a network computes, and what can't be folded is named."""

from collections.abc import Callable
from copy import deepcopy
from functools import partial

import pytest
import torch
from torch import nn

from rotelab.errors import Refusal
from rotelab.measures.folding import Unit, fold
from rotelab.models.convnet5 import convnet5
from rotelab.models.mlp import mlp
from rotelab.models.resnet18 import resnet18
from rotelab.models.small_alexnet import small_alexnet
from rotelab.models.small_inception import small_inception

HOUSE = {
    "convnet5": partial(convnet5, width=0.1),
    "mlp": partial(mlp, widths=[8], dropout=0.5),
    "resnet18": partial(resnet18, width=0.1),
    "resnet18_frozen": partial(resnet18, width=0.1, batch_norm="frozen_init"),
    "small_alexnet": partial(small_alexnet, width=0.1),
    "small_inception": partial(small_inception, width=0.1),
    "small_inception_no_bn": partial(small_inception, width=0.1, batch_norm=False),
}


def with_statistics(network: nn.Module) -> nn.Module:
    """As after some training: no batch norm is what it was at first."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            for value, low, high in ((module.running_mean, -1, 1), (module.running_var, 0.5, 2)):
                assert value is not None
                value.uniform_(low, high)
            if module.affine:
                nn.init.uniform_(module.weight, 0.5, 2)
                nn.init.uniform_(module.bias, -1, 1)
    return network


@pytest.mark.parametrize("build", HOUSE.values(), ids=HOUSE)
def test_networks_of_the_house_compute_the_same(build: Callable[..., nn.Module]) -> None:
    torch.manual_seed(0)
    network = with_statistics(build((3, 16, 16), 5))
    images, before = torch.randn(4, 3, 16, 16), deepcopy(network.state_dict())
    folded = fold(network, images[:1])
    with torch.no_grad():
        torch.testing.assert_close(folded.network(images), deepcopy(network).eval()(images), rtol=1e-4, atol=1e-4)
    norms = sum(isinstance(module, nn.BatchNorm2d) for module in network.modules())
    assert norms == sum(isinstance(module, Unit) for module in folded.network.modules())
    assert not any(isinstance(module, nn.BatchNorm2d) for module in folded.network.modules())
    assert len(folded.parameters(units=True)) == len(folded.parameters()) + 2 * norms
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert network.training


def test_weights_are_scaled_by_the_norm() -> None:
    layer, norm = nn.Linear(1, 1), nn.BatchNorm1d(1, eps=0.5)
    network = nn.Sequential(layer, norm)
    for value, is_ in ((layer.weight, 3.0), (layer.bias, 1.0), (norm.weight, 2.0), (norm.bias, 5.0)):
        nn.init.constant_(value, is_)
    assert norm.running_mean is not None and norm.running_var is not None
    norm.running_mean.fill_(7.0)
    norm.running_var.fill_(3.5)
    folded = fold(network.eval(), torch.ones(1, 1))
    assert folded.weights["0"].item() == 3.0
    assert folded.parameters()["0.bias"].item() == 5 + (1 - 7) * 2 / 2


class UsedTwice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer, self.norm = nn.Linear(3, 3), nn.BatchNorm1d(3)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        made = self.layer(inputs)
        return self.norm(made) + made


REFUSED = {
    "follows no layer": nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 2)),
    "used elsewhere": with_statistics(UsedTwice()),
    "1 (LayerNorm) has weights": nn.Sequential(nn.Linear(3, 3), nn.LayerNorm(3)),
    "no running statistics": nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3, track_running_stats=False)),
    "no convolution and no linear layer": nn.Sequential(nn.ReLU()),
    "lazy": nn.Sequential(nn.LazyLinear(2)),
}


@pytest.mark.parametrize(("words", "network"), REFUSED.items(), ids=REFUSED)
def test_what_is_not_known_is_named(words: str, network: nn.Module) -> None:
    if isinstance(network, UsedTwice):
        nn.init.constant_(network.norm.weight, 3.0)
    with pytest.raises(Refusal) as refusal:
        fold(network, torch.ones(1, 3))
    assert words in str(refusal.value)


def test_groups_are_refused() -> None:
    with pytest.raises(Refusal, match="2 groups"):
        fold(nn.Sequential(nn.Conv2d(4, 4, 3, groups=2)), torch.ones(1, 4, 5, 5))
