"""The five-layer network of "Deep Double Descent", by its published parameter counts."""

import pytest
import torch
from networks import gradient
from torch import nn

from rotelab.models.batch_norm_cnn import batch_norm_cnn

COUNTS = {1: 540, 4: 6_666, 8: 25_418, 10: 39_330, 12: 56_266, 16: 99_210, 32: 391_946, 64: 1_558_026}


@pytest.mark.parametrize(("width", "parameters"), COUNTS.items())
def test_has_as_many_parameters_as_theirs(width: int, parameters: int) -> None:
    assert sum(parameter.numel() for parameter in batch_norm_cnn((3, 32, 32), 10, width).parameters()) == parameters


@pytest.mark.parametrize(("shape", "sides"), [((3, 32, 32), [8, 8]), ((1, 8, 12), [2, 3]), ((1, 4, 4), [1, 1])])
def test_the_last_pool_takes_all_that_is_left(shape: tuple[int, int, int], sides: list[int]) -> None:
    network = batch_norm_cnn(shape, 10, 2)
    pools = [module.kernel_size for module in network.modules() if isinstance(module, nn.MaxPool2d)]
    assert pools == [2, 2, tuple(sides)]
    assert network(torch.zeros(2, *shape)).shape == (2, 10)


def test_gradients_reach_every_parameter() -> None:
    network = batch_norm_cnn((1, 8, 8), 3, 4)
    network(torch.randn(16, 1, 8, 8)).pow(2).sum().backward()
    weights = [module.weight for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    assert all(gradient(weight).abs().sum() > 0 for weight in weights)


def test_refuses_images_that_the_pooling_leaves_nothing_of() -> None:
    with pytest.raises(ValueError, match="images of 3x8 are too small"):
        batch_norm_cnn((1, 3, 8), 10, 2)
