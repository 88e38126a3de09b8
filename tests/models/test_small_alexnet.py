"""The small AlexNet of Zhang et al."""

import pytest
import torch
from networks import gradient
from torch import nn

from rotelab.models.small_alexnet import small_alexnet


def parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def kinds(network: nn.Sequential) -> list[type[nn.Module]]:
    return [type(layer) for layer in network]


def test_has_as_many_parameters_as_the_papers() -> None:
    network = small_alexnet((3, 28, 28), 10)
    assert [n for n in map(parameters, network) if n] == [4_864, 102_464, 1_204_608, 73_920, 1_930]
    assert parameters(network) == 1_387_786


@pytest.mark.parametrize(
    ("side", "sides"), [(28, [28, 14, 7]), (14, [14, 7, 4]), (8, [8, 4, 2]), (9, [9, 5, 3]), (4, [4, 2, 1])]
)
def test_shapes_of_each_layer(side: int, sides: list[int]) -> None:
    large, half, quarter = sides
    expected = [
        *[(64, large, large)] * 2,  # convolution, ReLU
        *[(64, half, half)] * 4,  # pooling, normalization, convolution, ReLU
        *[(64, quarter, quarter)] * 2,
        (64 * quarter**2,),
        *[(384,)] * 2,
        *[(192,)] * 2,
        (10,),
    ]
    maps, shapes = torch.zeros(1, 3, side, side), []
    for layer in small_alexnet((3, side, side), 10):
        maps = layer(maps)
        shapes.append(tuple(maps.shape[1:]))
    assert shapes == expected


def test_layers() -> None:
    module = [nn.Conv2d, nn.ReLU, nn.MaxPool2d, nn.LocalResponseNorm]
    head = [nn.Flatten, nn.Linear, nn.ReLU, nn.Linear, nn.ReLU, nn.Linear]
    assert kinds(small_alexnet((3, 8, 8), 10)) == [*module, *module, *head]


def test_response_normalization_is_tensorflows_tutorials() -> None:
    """Its radius 4, bias 1, alpha 0.001/9 and beta 0.75: x / (1 + 0.001/9 times the sum of nine squares) ** 0.75."""
    maps = torch.randn(2, 64, 3, 3) * 30
    squares = torch.nn.functional.pad(maps.pow(2), (0, 0, 0, 0, 4, 4)).unfold(1, 9, 1).sum(-1)
    expected = maps / (1 + 0.001 / 9 * squares) ** 0.75
    norms = [layer for layer in small_alexnet((3, 8, 8), 10) if isinstance(layer, nn.LocalResponseNorm)]
    assert len(norms) == 2
    for norm in norms:
        assert (norm.size, norm.alpha, norm.beta, norm.k) == (9, 0.001, 0.75, 1)
        torch.testing.assert_close(norm(maps), expected)


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 14, 14), (2, 7, 9), (1, 28, 20)])
@pytest.mark.parametrize("classes", [2, 10])
def test_output(shape: tuple[int, int, int], classes: int) -> None:
    assert small_alexnet(shape, classes, width=0.1)(torch.zeros(3, *shape)).shape == (3, classes)


@pytest.mark.parametrize(
    ("width", "counts"), [(0.5, [32, 32, 192, 96]), (2.0, [128, 128, 768, 384]), (1e-3, [1, 1, 1, 1])]
)
def test_width_multiplies_channels_and_hidden_layers(width: float, counts: list[int]) -> None:
    layers = [layer for layer in small_alexnet((3, 8, 8), 10, width) if isinstance(layer, nn.Conv2d | nn.Linear)]
    assert [len(layer.weight) for layer in layers] == [*counts, 10]


def test_gradients_reach_every_parameter() -> None:
    network = small_alexnet((3, 8, 8), 10)
    network(torch.randn(4, 3, 8, 8)).pow(2).sum().backward()
    assert all(gradient(parameter).abs().sum() > 0 for parameter in network.parameters())


def test_dropout_follows_the_hidden_layers() -> None:
    network = small_alexnet((3, 8, 8), 10, width=0.1, dropout=0.3)
    assert kinds(network)[-7:] == [nn.Linear, nn.ReLU, nn.Dropout, nn.Linear, nn.ReLU, nn.Dropout, nn.Linear]
    assert [layer.p for layer in network if isinstance(layer, nn.Dropout)] == [0.3, 0.3]


def test_evaluation_is_deterministic() -> None:
    network, images = small_alexnet((3, 8, 8), 10, width=0.25, dropout=0.5), torch.randn(4, 3, 8, 8)
    with torch.no_grad():
        assert not torch.equal(network(images), network(images))
        network.eval()
        assert torch.equal(network(images), network(images))


@pytest.mark.parametrize("shape", [(3, 3, 8), (3, 8, 3), (1, 1, 1)])
def test_images_that_are_too_small(shape: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=f"images of {shape[1]}x{shape[2]} are too small"):
        small_alexnet(shape, 10)


@pytest.mark.parametrize("dropout", [-0.1, 1.0, float("nan")])
def test_refuses_a_dropout_that_is_no_probability_below_one(dropout: float) -> None:
    with pytest.raises(ValueError, match=f"dropout = {dropout}"):
        small_alexnet((3, 8, 8), 10, dropout=dropout)
