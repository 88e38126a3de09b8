"""Norms and products of the examples' gradients against one backward pass an example."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from toy import Toy, batch, derivative

from rotelab.data.batches import Labelled
from rotelab.measures import per_example
from rotelab.measures.coherence import coherence
from rotelab.measures.per_example import Gradients, gradients, products
from rotelab.models.convnet5 import convnet5
from rotelab.models.locally_connected import locally_connected
from rotelab.models.mlp import mlp
from rotelab.models.resnet18 import resnet18
from rotelab.models.small_alexnet import small_alexnet
from rotelab.models.small_inception import small_inception
from rotelab.models.vision_transformer import vision_transformer
from rotelab.randomness import stream

SHAPE = (3, 8, 8)
CLASSES = 3
NETWORKS = {
    "convnet5": partial(convnet5, width=0.05),
    "resnet18": partial(resnet18, width=0.05),
    "resnet18_frozen": partial(resnet18, width=0.05, batch_norm="frozen_init"),
    "small_inception": partial(small_inception, width=0.05),
    "small_inception_without_batch_norm": partial(small_inception, width=0.05, batch_norm=False),
    "small_alexnet": partial(small_alexnet, width=0.05, dropout=0.5),
    "mlp": partial(mlp, widths=[7, 5], dropout=0.5),
    "softmax": lambda *shape: nn.Sequential(convnet5(*shape, width=0.05), nn.Softmax(dim=1)),
}


class Twice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 4)

    def forward(self, images: Tensor) -> Tensor:
        return self.layer(self.layer(images.flatten(1)))


class Scale(nn.Module):
    """A module with a parameter, and with no rule."""

    def __init__(self) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(1.5))

    def forward(self, values: Tensor) -> Tensor:
        return self.factor * values


def examples(
    name: str, count: int, shape: tuple[int, int, int] = SHAPE, dtype: torch.dtype = torch.float64
) -> Labelled:
    draw = stream("tests", name)
    images = torch.randn(count, *shape, generator=draw, dtype=torch.float64).to(dtype)
    return images, torch.randint(CLASSES, (count,), generator=draw)


def cut(of: Labelled, size: int) -> Iterator[Labelled]:
    return zip(of[0].split(size), of[1].split(size), strict=True)


def built(name: str) -> nn.Module:
    """As after some training: no statistics, scales and biases that are 0 or 1."""
    network, draw = NETWORKS[name](SHAPE, CLASSES).double(), stream("tests", "weights", name)
    with torch.no_grad():
        for norm in (module for module in network.modules() if isinstance(module, nn.BatchNorm2d)):
            assert norm.running_mean is not None and norm.running_var is not None
            norm.running_mean.copy_(torch.randn(norm.num_features, generator=draw))
            norm.running_var.copy_(torch.rand(norm.num_features, generator=draw) + 0.5)
        for parameter in network.parameters():
            if parameter.ndim == 1:
                parameter.add_(0.3 * torch.randn(parameter.shape, generator=draw, dtype=torch.float64))
    return network


def one_by_one(network: nn.Module, of: Labelled) -> dict[str, Tensor]:
    """(example, weight) of every module with parameters."""
    mode = network.training
    network.eval()
    modules = {name: list(module.parameters(recurse=False)) for name, module in network.named_modules()}
    own = {name: weights for name, weights in modules.items() if weights}
    rows: dict[str, list[Tensor]] = {name: [] for name in own}
    for image, label in cut(of, 1):
        loss = cross_entropy(network(image), label)
        parts = iter(torch.autograd.grad(loss, [weight for weights in own.values() for weight in weights]))
        for name, weights in own.items():
            rows[name].append(torch.cat([next(parts).flatten() for _ in weights]))
    network.train(mode)
    return {name: torch.stack(parts) for name, parts in rows.items()}


def check(found: Gradients, expected: dict[str, Tensor]) -> None:
    assert list(found.total) == list(found.squares) == list(expected)
    for name, rows in expected.items():
        torch.testing.assert_close(found.total[name], rows.sum(0), rtol=1e-10, atol=1e-12)
        torch.testing.assert_close(found.squares[name], rows.square().sum(1), rtol=1e-10, atol=1e-18)


def joined(expected: dict[str, Tensor]) -> Tensor:
    return torch.cat(list(expected.values()), dim=1)


@pytest.fixture(params=["by_layer", "by_example"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    other = {"by_layer": "_by_example", "by_example": "_by_layer"}[request.param]
    monkeypatch.setattr(per_example, other, None)  # the other way is not taken
    if request.param == "by_example":
        monkeypatch.setattr(per_example, "_has_rule", lambda layer: False)
    return request.param


@pytest.mark.parametrize("name", NETWORKS)
def test_is_one_backward_pass_an_example(way: str, name: str) -> None:
    network, of = built(name), examples("train", 5)
    expected = one_by_one(network, of)
    assert joined(expected).square().sum(1).min() > 0
    check(gradients(network, [of]), expected)


@pytest.mark.parametrize("build", [locally_connected, vision_transformer])
@pytest.mark.filterwarnings("error")  # as of attention whose slopes are taken one by one
def test_layers_without_a_rule(build: Callable[..., nn.Module]) -> None:
    torch.manual_seed(0)
    network, of = build(SHAPE, CLASSES, 3000).double(), examples("train", 5)
    check(gradients(network, [of]), one_by_one(network, of))


@pytest.mark.parametrize("name", NETWORKS)
def test_float32_is_enough(way: str, name: str) -> None:
    network, of = built(name).float(), examples("train", 5, dtype=torch.float32)
    found = coherence(gradients(network, [of]))
    rows = joined(one_by_one(network.double(), (of[0].double(), of[1])))
    assert found["r"] == pytest.approx((rows.sum(0).square().sum() / rows.square().sum()).item(), rel=1e-5)


@pytest.mark.parametrize("large", [0, 2**60], ids=["one_by_one", "at_once"])
@pytest.mark.parametrize("channels", [1, 40], ids=["few_channels", "many_channels"])
@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": 3},
        {"kernel_size": 1, "bias": False},
        {"kernel_size": 3, "padding": 1, "bias": False},
        {"kernel_size": 3, "stride": 2, "padding": 1},
        {"kernel_size": 3, "dilation": 2, "padding": 2},
        {"kernel_size": (3, 2), "stride": (2, 3), "padding": (1, 0), "dilation": (1, 2)},
        {"kernel_size": (5, 6)},
    ],
)
def test_convolutions(monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], channels: int, large: int) -> None:
    monkeypatch.setattr(per_example, "LARGE", large)
    monkeypatch.setattr(per_example, "_by_example", None)
    convolution = nn.Conv2d(3, channels, **options)
    of = examples("train", 4, (3, 6, 7))
    outputs = convolution(of[0].float()).flatten(1).shape[1]
    network = nn.Sequential(convolution, nn.Tanh(), nn.Flatten(), nn.Linear(outputs, CLASSES)).double()
    check(gradients(network, [of]), one_by_one(network, of))


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(3, 6, 3, groups=3),
        nn.Conv2d(3, 6, 3, padding=1, padding_mode="circular"),
        nn.Conv2d(3, 6, 4, padding="same"),
        Scale(),
        nn.GroupNorm(1, 3),
    ],
)
@pytest.mark.filterwarnings("ignore:.*even kernel lengths.*")
def test_what_has_no_rule_goes_another_way(monkeypatch: pytest.MonkeyPatch, layer: nn.Module) -> None:
    monkeypatch.setattr(per_example, "_by_layer", None)
    of = examples("train", 3, (3, 5, 5))
    outputs = layer(of[0].float()).flatten(1).shape[1]
    network = nn.Sequential(layer, nn.Flatten(), nn.Linear(outputs, CLASSES)).double()
    check(gradients(network, [of]), one_by_one(network, of))


def test_a_network_of_one_weight() -> None:
    of = [(0.5, 0), (-1.0, 1), (2.0, 0)]
    expected = [derivative(0.7, *example) for example in of]
    found = gradients(Toy(0.7), [batch(*of)])
    assert list(found.total) == [""]
    assert found.total[""].tolist() == pytest.approx([sum(expected)], abs=1e-6)
    assert found.squares[""].tolist() == pytest.approx([value**2 for value in expected], abs=1e-6)
    along = products(Toy(0.7), [batch(*of)], found)
    assert along.tolist() == pytest.approx([value * sum(expected) for value in expected], abs=1e-6)


def test_a_layer_that_is_used_twice_is_left_to_the_slower_way() -> None:
    """Its gradient is no product of one of its inputs."""
    network, of = Twice(), examples("train", 3, (1, 2, 2), torch.float32)
    rows, found = joined(one_by_one(network, of)), gradients(network, [of])
    torch.testing.assert_close(found.total["layer"], rows.sum(0))
    torch.testing.assert_close(found.squares["layer"], rows.square().sum(1))


@pytest.mark.parametrize("name", NETWORKS)
def test_products_are_scalar_products(name: str) -> None:
    network, of, others = built(name), examples("train", 5), examples("other", 4)
    rows, direction = joined(one_by_one(network, of)), joined(one_by_one(network, others)).sum(0)
    found = products(network, cut(of, 2), gradients(network, [others]))
    torch.testing.assert_close(found, rows @ direction, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", NETWORKS)
def test_products_with_the_sum_add_up_to_its_square(name: str) -> None:
    network, of = built(name), examples("train", 6)
    found = gradients(network, [of])
    square = sum(part.square().sum() for part in found.total.values())
    torch.testing.assert_close(products(network, [of], found).sum(), square, rtol=1e-10, atol=0)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("measure", [gradients, lambda network, of: products(network, of, gradients(network, of))])
def test_the_network_stays_as_it_is(way: str, measure: Callable[..., object], training: bool) -> None:
    network = built("resnet18").train(training)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    measure(network, [examples("train", 3)])
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())
    assert all(module.training == training for module in network.modules())
    assert not any(module._forward_hooks or module._backward_hooks for module in network.modules())


def test_dropout_drops_nothing() -> None:
    network, of = built("small_alexnet").train(), [examples("train", 4)]
    first, second = gradients(network, of), gradients(network, of)
    assert all(torch.equal(part, second.squares[name]) for name, part in first.squares.items())
    assert torch.equal(products(network, of, first), products(network, of, first))


def test_the_size_of_the_batches_does_not_matter(way: str) -> None:
    network, of = built("resnet18"), examples("train", 7)
    expected = one_by_one(network, of)
    for size in (1, 3, 7):
        check(gradients(network, cut(of, size)), expected)


def test_samples_can_be_added() -> None:
    network, one, other = built("convnet5"), examples("train", 3), examples("other", 2)
    rows, others = one_by_one(network, one), one_by_one(network, other)
    found = gradients(network, [one]) + gradients(network, [other])
    check(found, {name: torch.cat([part, others[name]]) for name, part in rows.items()})
