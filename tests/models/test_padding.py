"""More channels of zeros change neither what a network computes nor how it learns, and stay zero."""

from copy import deepcopy
from typing import Any

import pytest
import torch
from networks import gradient, part
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pad
from torch.optim import Adam

from rotelab.models.convnet5 import convnet5
from rotelab.models.mlp import mlp
from rotelab.models.padding import padded
from rotelab.models.resnet18 import resnet18
from rotelab.randomness import stream

SHAPE, LABELS = (3, 8, 8), torch.arange(6) % 4


def network(width: float = 0.1) -> nn.Module:
    """Convolutions to 6, 8, 16 and 32 channels with the default width."""
    torch.manual_seed(0)
    return nn.Sequential(convnet5(SHAPE, 4, width), nn.Softmax(dim=1)).double()


def images() -> Tensor:
    return torch.rand(6, *SHAPE, generator=stream("tests"), dtype=torch.float64)


@pytest.mark.parametrize(("width", "multiple"), [(0.1, 8), (0.1, 7), (0.1, 64), (0.03, 8), (0.017, 4)])
def test_outputs_and_gradients(width: float, multiple: int) -> None:
    plain = network(width)
    other = deepcopy(plain)
    forward = padded(other, multiple)
    assert forward is not other
    outputs, expected = forward(images()), plain(images())
    assert torch.allclose(outputs, expected, rtol=1e-10)
    cross_entropy(outputs, LABELS).backward()
    cross_entropy(expected, LABELS).backward()
    for parameter, same in zip(other.parameters(), plain.parameters(), strict=True):
        assert torch.allclose(gradient(parameter), gradient(same), rtol=1e-8, atol=1e-12)


def test_convolutions_compute_on_multiples(monkeypatch: pytest.MonkeyPatch) -> None:
    seen, conv2d = [], nn.functional.conv2d

    def spied(maps: Tensor, weight: Tensor, *rest: Any) -> Tensor:
        seen.append((maps.shape[1], weight.shape[1], weight.shape[0]))
        return conv2d(maps, weight, *rest)

    monkeypatch.setattr(nn.functional, "conv2d", spied)
    padded(network(), 8)(images())
    assert seen == [(3, 3, 8), (8, 8, 8), (8, 8, 16), (16, 16, 32)]


def test_weights_of_zeros_stay_zero() -> None:
    """As parameters of a wider network, for as long as one likes: why it need not have them."""
    plain = network()
    wide = deepcopy(plain)
    first, second = (part(wide, name, nn.Conv2d) for name in ("0.0", "0.2"))
    assert first.bias is not None
    first.weight.data, first.bias.data = pad(first.weight.data, (0, 0, 0, 0, 0, 0, 0, 2)), pad(first.bias.data, (0, 2))
    second.weight.data = pad(second.weight.data, (0, 0, 0, 0, 0, 2))
    for each in (plain, wide):
        optimizer = Adam(each.parameters(), lr=0.01)
        for _ in range(5):
            optimizer.zero_grad()
            cross_entropy(each(images()), LABELS).backward()
            optimizer.step()
    assert not first.weight[6:].any() and not first.bias[6:].any() and not second.weight[:, 6:].any()
    assert torch.allclose(first.weight[:6], part(plain, "0.0", nn.Conv2d).weight, rtol=1e-6)
    assert torch.allclose(second.weight[:, :6], part(plain, "0.2", nn.Conv2d).weight, rtol=1e-6)


@pytest.mark.parametrize(
    "other", [convnet5(SHAPE, 4, 0.4), mlp(SHAPE, 4, [5]), resnet18(SHAPE, 4, 0.1), nn.Conv2d(4, 6, 3, groups=2)]
)
def test_others_are_left_alone(other: nn.Module) -> None:
    """Channels that are multiples already, no convolutions, no chain, groups."""
    assert padded(other, 8) is other


def test_a_multiple_of_one_changes_nothing() -> None:
    plain = network()
    assert padded(plain, 1) is plain
