"""The PreAct-ResNet18 of "Deep Double Descent", by its published parameter counts and from its equations."""

import pytest
import torch
from networks import part
from torch import nn
from torch.nn.functional import conv2d

from rotelab.models.preact_resnet18 import PreActBlock, preact_resnet18

COUNTS = {1: 2_947, 4: 44_446, 8: 176_050, 10: 274_540, 12: 394_822, 16: 700_762, 64: 11_171_146}


@pytest.mark.parametrize(("width", "parameters"), COUNTS.items())
def test_has_as_many_parameters_as_theirs(width: int, parameters: int) -> None:
    with torch.device("meta"):
        network = preact_resnet18((3, 32, 32), 10, width)
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters


def test_three_stages_halve_the_side() -> None:
    network, sides = preact_resnet18((3, 32, 32), 10, 2), []
    for stage in range(1, 5):
        network[stage].register_forward_hook(lambda module, given, made: sides.append(tuple(made.shape[1:])))
    assert network(torch.zeros(2, 3, 32, 32)).shape == (2, 10)
    assert sides == [(2, 32, 32), (4, 16, 16), (8, 8, 8), (16, 4, 4)]


def test_the_shortcut_leaves_from_the_first_relu_where_there_is_a_convolution() -> None:
    block, x = PreActBlock(2, 3, 2).eval(), torch.randn(4, 2, 6, 6)
    assert block.shortcut is not None
    by_hand = (x / (1 + block.norm1.eps) ** 0.5).relu()  # statistics are still 0 and 1
    kept = conv2d(by_hand, part(block, "shortcut", nn.Conv2d).weight, stride=2)
    with torch.no_grad():
        block.conv2.weight.zero_()
        torch.testing.assert_close(block(x), kept)


def test_a_block_that_adds_nothing_is_the_identity() -> None:
    block, x = PreActBlock(2, 2, 1), torch.randn(4, 2, 6, 6)
    assert block.shortcut is None
    with torch.no_grad():
        block.conv2.weight.zero_()
        assert torch.equal(block(x), x)
