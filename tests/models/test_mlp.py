"""Fully connected networks of any depth."""

import pytest
import torch
from torch import nn

from rotelab.models.mlp import mlp


@pytest.mark.parametrize(
    ("shape", "classes", "widths", "parameters"),
    [
        ((1, 8, 8), 10, [], 64 * 10 + 10),
        ((1, 8, 8), 10, [32], 64 * 32 + 32 + 32 * 10 + 10),
        ((3, 4, 5), 2, [7, 5], 60 * 7 + 7 + 7 * 5 + 5 + 5 * 2 + 2),
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
