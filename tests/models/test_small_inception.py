"""The small Inception of Zhang et al., with and without batch norm."""

from itertools import pairwise

import pytest
import torch
from networks import gradient, part
from torch import nn

from rotelab.models.small_inception import Branches, small_inception

CHANNELS = [96, 64, 80, 160, 160, 160, 160, 144, 240, 336, 336]
"""After the first convolution and after each of the ten modules."""
PARAMETERS = [2_688, 30_784, 29_776, 57_680, 87_200, 107_680, 128_160, 146_064, 124_512, 388_176, 543_312]
DOWNSAMPLING = (3, 8)


def parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def outputs_after_each_module(network: nn.Sequential, images: torch.Tensor) -> list[torch.Tensor]:
    outputs = []
    for module in network[: len(CHANNELS)]:
        images = module(images)
        outputs.append(images)
    return outputs


def has(network: nn.Module, kind: type[nn.Module]) -> bool:
    return any(isinstance(module, kind) for module in network.modules())


@pytest.mark.parametrize("batch_norm", [True, False])
def test_has_as_many_parameters_as_the_papers(batch_norm: bool) -> None:
    network = small_inception((3, 28, 28), 10, batch_norm=batch_norm)
    assert [parameters(module) for module in network[: len(CHANNELS)]] == PARAMETERS
    assert parameters(network) == 1_649_402


@pytest.mark.parametrize(
    ("side", "sides"), [(28, [28, 14, 7]), (14, [14, 7, 4]), (8, [8, 4, 2]), (9, [9, 5, 3]), (4, [4, 2, 1])]
)
@pytest.mark.parametrize("batch_norm", [True, False])
def test_shapes_of_each_module(side: int, sides: list[int], batch_norm: bool) -> None:
    network = small_inception((3, side, side), 10, batch_norm=batch_norm).eval()
    outputs = outputs_after_each_module(network, torch.zeros(1, 3, side, side))
    assert [output.shape[1] for output in outputs] == CHANNELS
    large, half, quarter = sides
    expected = [large] * 3 + [half] * 5 + [quarter] * 3
    assert [tuple(output.shape[2:]) for output in outputs] == [(s, s) for s in expected]


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 14, 14), (2, 7, 9), (1, 28, 20)])
@pytest.mark.parametrize("classes", [2, 10])
def test_output(shape: tuple[int, int, int], classes: int) -> None:
    assert small_inception(shape, classes, width=0.1)(torch.randn(3, *shape)).shape == (3, classes)


@pytest.mark.parametrize(("width", "channels"), [(0.5, [n // 2 for n in CHANNELS]), (2.0, [2 * n for n in CHANNELS])])
def test_width_multiplies_channels(width: float, channels: list[int]) -> None:
    outputs = outputs_after_each_module(small_inception((3, 8, 8), 10, width).eval(), torch.zeros(1, 3, 8, 8))
    assert [output.shape[1] for output in outputs] == channels


def test_a_convolution_keeps_at_least_one_channel() -> None:
    outputs = outputs_after_each_module(small_inception((3, 8, 8), 10, 1e-3).eval(), torch.zeros(1, 3, 8, 8))
    assert [output.shape[1] for output in outputs] == [1, 2, 2, 3, 2, 2, 2, 2, 3, 2, 2]


def test_a_module_computes_its_convolutions_side_by_side() -> None:
    network, maps = small_inception((3, 8, 8), 10, 0.1, batch_norm=False), torch.randn(2, 10, 8, 8)
    one_by_one, three_by_three = (part(network, name, nn.Conv2d) for name in ("1.0.0", "1.1.0"))
    assert (one_by_one.kernel_size, three_by_three.kernel_size) == ((1, 1), (3, 3))
    expected = torch.cat([one_by_one(maps).relu(), three_by_three(maps).relu()], dim=1)
    torch.testing.assert_close(network[1](maps), expected)


@pytest.mark.parametrize("module", DOWNSAMPLING)
def test_a_downsampling_module_keeps_the_maxima(module: int) -> None:
    network = small_inception((3, 8, 8), 10, 0.1)
    assert isinstance(network[module], Branches)
    inputs = part(network, f"{module}.0.0", nn.Conv2d).in_channels
    maps = torch.randn(2, inputs, 7, 7)
    kept = network[module](maps)[:, -inputs:]
    torch.testing.assert_close(kept, nn.functional.max_pool2d(maps, 3, 2, padding=1))


def test_batch_norm_stands_between_each_convolution_and_its_relu() -> None:
    layers = [module for module in small_inception((3, 8, 8), 10, 0.1).modules() if not list(module.children())]
    convolutions = [i for i, layer in enumerate(layers) if isinstance(layer, nn.Conv2d)]
    assert len(convolutions) == 1 + 8 * 2 + 2
    for i in convolutions:
        assert isinstance(layers[i + 1], nn.BatchNorm2d)
        assert not layers[i + 1].affine
        assert isinstance(layers[i + 2], nn.ReLU)


def test_without_batch_norm_there_is_none() -> None:
    assert not has(small_inception((3, 8, 8), 10, 0.1, batch_norm=False), nn.BatchNorm2d)


def test_without_batch_norm_gradients_reach_every_parameter() -> None:
    network = small_inception((3, 8, 8), 10, width=0.25, batch_norm=False)
    network(torch.randn(4, 3, 8, 8)).pow(2).sum().backward()
    assert all(gradient(parameter).abs().sum() > 0 for parameter in network.parameters())


def test_batch_norm_leaves_only_the_biases_before_it_without_gradient() -> None:
    network = small_inception((3, 8, 8), 10, width=0.25).double()
    network(torch.randn(4, 3, 8, 8).double()).pow(2).sum().backward()
    largest = {name: gradient(parameter).abs().max().item() for name, parameter in network.named_parameters()}
    *convolutions, _ = [name for name in largest if name.endswith("bias")]
    assert all(largest[name] < 1e-9 for name in convolutions)
    assert all(largest[name] > 1e-3 for name in largest if name not in convolutions)


def test_initialization_keeps_the_scale_through_the_layers() -> None:
    torch.manual_seed(0)
    network = small_inception((3, 14, 14), 10, batch_norm=False)
    outputs = outputs_after_each_module(network, torch.randn(16, 3, 14, 14))
    for before, after in pairwise(outputs):
        assert 0.5 < after.pow(2).mean() / before.pow(2).mean() < 4  # pooling keeps the largest
    biases = [weight for name, weight in network.named_parameters() if name.endswith("bias")]
    assert biases and not any(bias.any() for bias in biases)


def test_dropout_stands_before_the_last_layer() -> None:
    *_, dropout, last = small_inception((3, 8, 8), 10, width=0.1, dropout=0.3)
    assert isinstance(dropout, nn.Dropout)
    assert (dropout.p, type(last)) == (0.3, nn.Linear)
    assert not has(small_inception((3, 8, 8), 10, width=0.1), nn.Dropout)


def test_evaluation_is_deterministic() -> None:
    network, images = small_inception((3, 8, 8), 10, width=0.25, dropout=0.5), torch.randn(4, 3, 8, 8)
    with torch.no_grad():
        assert not torch.equal(network(images), network(images))
        network.eval()
        assert torch.equal(network(images), network(images))


@pytest.mark.parametrize("shape", [(3, 3, 8), (3, 8, 3), (1, 1, 1)])
def test_images_that_are_too_small(shape: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=f"images of {shape[1]}x{shape[2]} are too small"):
        small_inception(shape, 10)


@pytest.mark.parametrize("dropout", [-0.1, 1.0, float("nan")])
def test_refuses_a_dropout_that_is_no_probability_below_one(dropout: float) -> None:
    with pytest.raises(ValueError, match=f"dropout = {dropout}"):
        small_inception((3, 8, 8), 10, dropout=dropout)
