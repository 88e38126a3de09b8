"""Path norms against the sum over paths, written out, and their invariance."""

from itertools import product
from typing import Any

import pytest
import torch
from torch import nn

from rotelab.errors import Refusal
from rotelab.measures.folding import fold
from rotelab.measures.path_norms import path_norm
from rotelab.models.mlp import mlp
from rotelab.models.resnet18 import resnet18
from rotelab.models.small_alexnet import small_alexnet


def test_all_paths_of_two_layers() -> None:
    torch.manual_seed(0)
    network = mlp((1, 1, 3), 2, [4])
    first, second = (layer.requires_grad_(False) for layer in network if isinstance(layer, nn.Linear))
    image = torch.ones(1, 1, 1, 3)
    paths = product(range(3), range(4), range(2))
    expected = sum(float(first.weight[j, i] * second.weight[k, j]) ** 2 for i, j, k in paths)
    assert path_norm(fold(network, image), image, biases=False) == pytest.approx(expected, rel=1e-5)
    of_biases = sum(float(first.bias[j] * second.weight[k, j]) ** 2 for j, k in product(range(4), range(2)))
    of_biases += float(second.bias.square().sum())
    assert path_norm(fold(network, image), image) == pytest.approx(expected + of_biases, rel=1e-5)
    absolute = sum(
        float((first.weight[j, i] * second.weight[k, j]).abs()) for i, j, k in product(range(3), range(4), range(2))
    )
    assert path_norm(fold(network, image), image, power=1.0, biases=False) == pytest.approx(absolute, rel=1e-5)


def test_paths_through_a_shortcut_count() -> None:
    torch.manual_seed(0)
    network, image = resnet18((3, 8, 8), 2, width=0.05), torch.ones(1, 3, 8, 8)
    before = path_norm(fold(network, image), image)
    block: Any = network.get_submodule("4.1")
    nn.init.zeros_(block.bn2.weight)  # only the shortcut is left
    assert 0 < path_norm(fold(network, image), image) < before


def test_a_layer_without_paths_is_named() -> None:
    image = torch.ones(1, 3, 8, 8)
    with pytest.raises(Refusal, match="LocalResponseNorm"):
        path_norm(fold(small_alexnet((3, 8, 8), 2, width=0.05), image), image)
