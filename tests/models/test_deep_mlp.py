"""Fully connected networks by depth: counts by hand, shortcuts that pass the input on, norms that do what they say."""

import pytest
import torch
from networks import gradient, part
from torch import nn

from rotelab.errors import Refusal
from rotelab.models.deep_mlp import Layer, deep_mlp


@pytest.mark.parametrize(
    ("depth", "norm", "parameters"),
    [
        (1, "none", 65 * 32 + 33 * 10),
        (8, "none", 65 * 32 + 7 * 33 * 32 + 33 * 10),
        (8, "batch", 65 * 32 + 7 * 33 * 32 + 33 * 10 + 8 * 2 * 32),
        (8, "layer", 65 * 32 + 7 * 33 * 32 + 33 * 10 + 8 * 2 * 32),
    ],
)
@pytest.mark.parametrize("residual", [False, True])
def test_parameters_and_gradients(depth: int, norm: str, parameters: int, residual: bool) -> None:
    torch.manual_seed(0)
    network = deep_mlp((1, 8, 8), 10, 32, depth, norm, residual)
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters
    network(torch.rand(16, 1, 8, 8)).pow(2).sum().backward()
    weights = [module.weight for module in network.modules() if isinstance(module, nn.Linear)]
    assert len(weights) == depth + 1 and all(gradient(weight).abs().sum() > 0 for weight in weights)


@pytest.mark.parametrize("norm", ["none", "batch", "layer"])
def test_a_shortcut_passes_the_input_on(norm: str) -> None:
    x = torch.randn(6, 5)
    for residual, wanted in ((True, x), (False, torch.zeros_like(x))):
        layer = Layer(5, norm, residual)
        nn.init.zeros_(layer.linear.weight)
        nn.init.zeros_(layer.linear.bias)
        torch.testing.assert_close(layer(x), wanted)


def test_what_is_normalized() -> None:
    """Batch norm over images, layer norm over units: each forgets another scale."""
    x = torch.randn(6, 5)
    by_unit, by_image = torch.tensor([1.0, 2, 3, 4, 5]), torch.tensor([[1.0], [2], [3], [4], [5], [6]])
    for norm, scale, other in (("batch", by_unit, by_image), ("layer", by_image, by_unit)):
        layer = Layer(5, norm, residual=False)
        torch.testing.assert_close(layer(x * scale), layer(x), atol=1e-3, rtol=1e-3)
        assert not torch.allclose(layer(x * other), layer(x), atol=1e-2)


def test_without_a_norm_and_a_shortcut_it_is_an_mlp() -> None:
    network = deep_mlp((1, 2, 2), 3, 4, 2, "none", residual=False)
    x = torch.rand(5, 1, 2, 2)
    first, layer, last = part(network, "1", nn.Linear), part(network, "2", Layer), part(network, "5", nn.Linear)
    torch.testing.assert_close(network(x), last(layer.linear(first(x.flatten(1)).relu()).relu()))


def test_another_norm_is_refused() -> None:
    with pytest.raises(Refusal, match="norm = 'group' is not one of none, batch, layer"):
        deep_mlp((1, 2, 2), 3, 4, 2, "group", residual=False)
