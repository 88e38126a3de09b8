"""What bounds a step is counted exactly, and measured on this machine."""

import torch
from torch import nn

from rotelab.benchmarks.floors import copy_rate, least_bytes, matmul_rate, operations


def layer() -> tuple[nn.Module, tuple[torch.Tensor, torch.Tensor]]:
    """8 images of 3 values to 5 outputs, without a bias."""
    return nn.Sequential(nn.Flatten(), nn.Linear(3, 5, bias=False)), (torch.rand(8, 3, 1, 1), torch.arange(8) % 5)


def test_operations_of_a_layer() -> None:
    """Forward and the weights' gradient; images need none."""
    assert operations(*layer()) == 2 * (2 * 8 * 3 * 5)


def test_bytes_of_a_layer() -> None:
    """It keeps the images; the loss its log-probabilities, the labels and the sum of their weights."""
    passes, step = least_bytes(*layer())
    weights = 4 * 15
    kept = 4 * 8 * 3 + 4 * 8 * 5 + 8 * 8 + 4
    assert (passes, step) == (2 * kept + 2 * weights, 8 * weights)


def test_rates_are_those_of_this_machine() -> None:
    device = torch.device("cpu")
    assert 1e8 < matmul_rate(device, "fp32", (64, 128)) < 1e14
    assert 1e7 < copy_rate(device, 2**16) < 1e13
