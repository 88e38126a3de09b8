"""Fully connected networks of any depth."""

import pytest
import torch
from networks import gradient
from torch import nn

from rotelab.models.mlp import mlp


@pytest.mark.parametrize(
    ("shape", "classes", "widths", "parameters"),
    [
        ((1, 8, 8), 10, [], 64 * 10 + 10),
        ((1, 8, 8), 10, [32], 64 * 32 + 32 + 32 * 10 + 10),
        ((3, 4, 5), 2, [7, 5], 60 * 7 + 7 + 7 * 5 + 5 + 5 * 2 + 2),
        ((3, 28, 28), 10, [512], 1_209_866),  # the two of Zhang et al. (2017)
        ((3, 28, 28), 10, [512, 512, 512], 1_735_178),
    ],
)
def test_parameters_and_output(shape: tuple[int, int, int], classes: int, widths: list[int], parameters: int) -> None:
    network = mlp(shape, classes, widths)
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters
    assert network(torch.zeros(3, *shape)).shape == (3, classes)


def test_relus_stand_between_linear_layers() -> None:
    kinds = [type(layer) for layer in mlp((1, 8, 8), 10, [32, 16])]
    assert kinds == [nn.Flatten, nn.Linear, nn.ReLU, nn.Linear, nn.ReLU, nn.Linear]


def test_no_widths_is_a_linear_classifier() -> None:
    network, (a, b) = mlp((1, 4, 4), 3, []), torch.randn(2, 5, 1, 4, 4)
    zero = network(torch.zeros_like(a))
    torch.testing.assert_close(network(a + b) - zero, network(a) - zero + network(b) - zero)


def test_dropout_follows_each_relu() -> None:
    network = mlp((1, 8, 8), 10, [32, 16], dropout=0.3)
    kinds = [type(layer) for layer in network]
    assert kinds == [nn.Flatten, *[nn.Linear, nn.ReLU, nn.Dropout] * 2, nn.Linear]
    assert [layer.p for layer in network if isinstance(layer, nn.Dropout)] == [0.3, 0.3]


def test_dropout_changes_neither_initialization_nor_evaluation() -> None:
    images = torch.randn(5, 1, 8, 8)
    torch.manual_seed(0)
    without = mlp((1, 8, 8), 10, [32])
    torch.manual_seed(0)
    dropping = mlp((1, 8, 8), 10, [32], dropout=0.5)
    with torch.no_grad():
        assert not torch.equal(dropping(images), dropping(images))
        assert torch.equal(dropping.eval()(images), without(images))


def test_gradients_reach_every_parameter() -> None:
    network = mlp((1, 4, 4), 3, [8, 8])
    network(torch.randn(16, 1, 4, 4)).pow(2).sum().backward()
    assert all(gradient(parameter).abs().sum() > 0 for parameter in network.parameters())


@pytest.mark.parametrize("dropout", [-0.1, 1.0, float("nan")])
def test_refuses_a_dropout_that_is_no_probability_below_one(dropout: float) -> None:
    with pytest.raises(ValueError, match=f"dropout = {dropout}"):
        mlp((1, 8, 8), 10, [], dropout=dropout)
