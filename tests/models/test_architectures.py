"""Convolutional, locally and fully connected networks and a vision transformer of about as many parameters."""

from collections.abc import Callable

import pytest
import torch
from networks import gradient, part
from torch import Tensor, nn

from rotelab.errors import Refusal
from rotelab.models.convolutional import convolutional
from rotelab.models.fully_connected import fully_connected
from rotelab.models.initial import he
from rotelab.models.locally_connected import LocallyConnected, locally_connected
from rotelab.models.vision_transformer import vision_transformer
from rotelab.randomness import stream

BUILDS = (convolutional, locally_connected, fully_connected, vision_transformer)
COUNTS: dict[Callable[..., nn.Module], int] = {  # by hand, from the formulas of their docstrings
    convolutional: 18 * 36**2 + 52 * 36 + 10,
    locally_connected: 180 * 10**2 + 700 * 10 + 10,
    fully_connected: 125**2 + 76 * 125 + 10,
    vision_transformer: 16 * 38**2 + 55 * 38 + 10,
}


def images(count: int = 4, side: int = 8) -> Tensor:
    return torch.rand(count, 1, side, side, generator=stream("tests"))


@pytest.mark.parametrize("build", BUILDS)
def test_parameters_of_the_digits(build: Callable[..., nn.Module]) -> None:
    network = build((1, 8, 8), 10, 25_000)
    assert sum(parameter.numel() for parameter in network.parameters()) == COUNTS[build]
    assert network(images()).shape == (4, 10)


@pytest.mark.parametrize(
    ("shape", "asked"), [((1, 8, 8), 25_000), ((1, 8, 12), 60_000), ((3, 16, 16), 100_000), ((3, 32, 32), 500_000)]
)
@pytest.mark.parametrize("build", BUILDS)
def test_as_many_as_were_asked_for(build: Callable[..., nn.Module], shape: tuple[int, int, int], asked: int) -> None:
    """To a width's worth of them, which is the more the fewer channels there are."""
    network = build(shape, 10, asked)
    assert sum(parameter.numel() for parameter in network.parameters()) == pytest.approx(asked, rel=0.06)
    network(torch.rand(2, *shape)).pow(2).sum().backward()
    assert all(gradient(parameter).abs().sum() > 0 for parameter in network.parameters())


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("sides", [(8, 8), (5, 6)])
def test_the_same_kernel_everywhere_is_a_convolution(stride: int, sides: tuple[int, int]) -> None:
    torch.manual_seed(0)
    convolution = nn.Conv2d(2, 3, 3, stride, padding=1)
    local = LocallyConnected(2, 3, sides, stride)
    local.weight.data[:] = convolution.weight.flatten(1)
    local.bias.data[:] = convolution.get_parameter("bias")
    x = torch.rand(4, 2, *sides)
    torch.testing.assert_close(local(x), convolution(x))


def test_a_place_has_weights_of_its_own() -> None:
    """A change of those of one place changes the outputs at that place alone."""
    local = LocallyConnected(1, 2, (4, 4), 1)
    before = local(images(side=4))
    with torch.no_grad():
        local.weight[6] += 1.0  # row 1, column 2
        changed = (local(images(side=4)) - before).abs().amax((0, 1)) > 0
    assert changed.nonzero().tolist() == [[1, 2]]


def test_local_weights_begin_like_those_of_a_convolution_and_like_he() -> None:
    torch.manual_seed(0)
    local = LocallyConnected(8, 16, (8, 8), 1)
    assert local.weight.abs().max().item() <= 72**-0.5
    assert local.weight.std().item() == pytest.approx((1 / (3 * 72)) ** 0.5, rel=0.02)
    he(local)
    assert local.weight.std().item() == pytest.approx((2 / 72) ** 0.5, rel=0.02)
    assert not local.bias.any()


def permuted(build: Callable[..., nn.Sequential], layer: str, order: Tensor) -> tuple[nn.Module, nn.Module]:
    """A network, and one whose first weights, of 1x8x8 images, are in another order."""
    torch.manual_seed(0)
    plain = build((1, 8, 8), 10, 25_000)
    torch.manual_seed(0)
    other = build((1, 8, 8), 10, 25_000)
    weight = part(other, layer, nn.Linear).weight
    weight.data = weight.data[:, order]
    return plain, other


def test_fully_connected_layers_are_blind_to_a_permutation() -> None:
    order = torch.randperm(64, generator=stream("tests"))
    plain, other = permuted(fully_connected, "1", order)
    moved = images().flatten(1)[:, order].view(-1, 1, 8, 8)
    torch.testing.assert_close(plain(images()), other(moved))


def test_a_transformer_sees_no_order_but_what_it_learns_of_places() -> None:
    """With its places permuted like the patches it puts out the same."""
    torch.manual_seed(0)
    network = vision_transformer((1, 8, 8), 10, 5_000)
    x = images()
    rolled = x.roll(2, dims=3)  # by one patch
    before = network(x)
    assert not torch.allclose(network(rolled), before, atol=1e-4)
    place = part(network, "0", nn.Module).get_parameter("place")
    place.data = place.data.view(4, 4, -1).roll(1, dims=1).flatten(0, 1)
    torch.testing.assert_close(network(rolled), before)


@pytest.mark.parametrize("build", [convolutional, locally_connected])
def test_images_that_are_too_small(build: Callable[..., nn.Module]) -> None:
    with pytest.raises(Refusal, match="images of 3x8 are too small"):
        build((1, 3, 8), 10, 1_000)


def test_images_that_patches_do_not_tile() -> None:
    with pytest.raises(Refusal, match="patches of 3x3 do not tile images of 8x9"):
        vision_transformer((1, 8, 9), 10, 1_000, patch=3)
