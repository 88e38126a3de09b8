"""A stack computes what its networks compute, in float64 to the last digits: outputs, gradients, statistics, steps."""

from collections.abc import Callable
from copy import deepcopy
from functools import partial

import pytest
import torch
from networks import gradient
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import SGD, Adam, Optimizer

from rotelab.errors import CannotStack
from rotelab.models.batch_norm_cnn import batch_norm_cnn
from rotelab.models.convnet5 import convnet5
from rotelab.models.locally_connected import locally_connected
from rotelab.models.mlp import mlp
from rotelab.models.preact_resnet18 import preact_resnet18
from rotelab.models.resnet18 import resnet18
from rotelab.models.resnet50 import resnet50
from rotelab.models.small_alexnet import small_alexnet
from rotelab.models.small_inception import small_inception
from rotelab.randomness import stream
from rotelab.training.stacks.rules import side_by_side
from rotelab.training.stacks.stack import Stack

SHAPE = (3, 16, 16)
NETWORKS = {
    "convnet5": partial(convnet5, width=0.1),
    "mlp": partial(mlp, widths=[7, 5]),
    "linear": partial(mlp, widths=[]),
    "resnet18": partial(resnet18, width=0.1),
    "resnet50": partial(resnet50, width=0.05),
    "resnet18_frozen": partial(resnet18, width=0.1, batch_norm="frozen_init"),
    "batch_norm_cnn": partial(batch_norm_cnn, width=2),
    "locally_connected": partial(locally_connected, parameters=9000),
    "preact_resnet18": partial(preact_resnet18, width=2),
    "small_alexnet": partial(small_alexnet, width=0.1),
    "small_inception": partial(small_inception, width=0.1),
    "small_inception_no_bn": partial(small_inception, width=0.1, batch_norm=False),
}
LABELS = torch.arange(8) % 4


def made(name: str, count: int) -> list[nn.Module]:
    torch.manual_seed(0)
    networks = [nn.Sequential(NETWORKS[name](SHAPE, 4), nn.Softmax(dim=1)) for _ in range(count)]
    return [network.double().to(memory_format=torch.channels_last) for network in networks]


def images(runs: int) -> list[Tensor]:
    drawn = torch.rand(runs, 8, *SHAPE, generator=stream("tests"), dtype=torch.float64)
    return [part.to(memory_format=torch.channels_last) for part in drawn]


def close(a: Tensor, b: Tensor) -> bool:
    return torch.allclose(a, b, rtol=1e-8, atol=1e-10)


def same_tensors(networks: list[nn.Module], others: list[nn.Module]) -> bool:
    return all(
        close(value, other.state_dict()[name])
        for network, other in zip(networks, others, strict=True)
        for name, value in network.state_dict().items()
    )


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name == "resnet50" else ()) for name in NETWORKS]
)
@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("training", [True, False])
def test_outputs_gradients_and_statistics(name: str, shared: bool, training: bool) -> None:
    networks = made(name, 3)
    singles, stack = deepcopy(networks), Stack([networks[:1], networks[1:]])
    stack.train(training)
    own = images(1) * 3 if shared else images(3)
    outputs = stack(own[0].expand(3, *own[0].shape) if shared else side_by_side(own))
    expected = [single.train(training)(x) for single, x in zip(singles, own, strict=True)]
    assert close(outputs, torch.stack(expected))
    torch.stack([cross_entropy(part, LABELS) for part in outputs]).sum().backward()
    stack.gradients()
    for network, single, output in zip(networks, singles, expected, strict=True):
        cross_entropy(output, LABELS).backward()
        for parameter, other in zip(network.parameters(), single.parameters(), strict=True):
            assert close(gradient(parameter), gradient(other))
    assert same_tensors(networks, singles)


@pytest.mark.parametrize("name", ["convnet5", "resnet18"])
def test_some_of_the_runs(name: str) -> None:
    networks = made(name, 4)
    singles, stack = deepcopy(networks), Stack([networks])
    some = [0, 3]
    outputs = stack(side_by_side(images(2)), torch.tensor(some))
    expected = [singles[run](x) for run, x in zip(some, images(2), strict=True)]
    assert close(outputs, torch.stack(expected))
    for part, single in zip(outputs, expected, strict=True):
        cross_entropy(part, LABELS).backward(retain_graph=True)
        cross_entropy(single, LABELS).backward()
    stack.gradients()
    for network, single in zip(networks, singles, strict=True):
        for parameter, other in zip(network.parameters(), single.parameters(), strict=True):
            assert close(gradient(parameter), torch.zeros_like(parameter) if other.grad is None else other.grad)
    assert same_tensors(networks, singles)  # the statistics of the others are as they were


def stepped(networks: list[nn.Module], optimizers: list[Optimizer], steps: int) -> None:
    for _ in range(steps):
        for network, optimizer in zip(networks, optimizers, strict=True):
            optimizer.zero_grad()
            cross_entropy(network(images(1)[0]), LABELS).backward()
            optimizer.step()


def stacked_steps(stack: Stack, optimizer: Optimizer, steps: int) -> None:
    for _ in range(steps):
        optimizer.zero_grad()
        outputs = stack(images(1)[0].expand(len(stack.networks), 8, *SHAPE))
        torch.stack([cross_entropy(part, LABELS) for part in outputs]).sum().backward()
        optimizer.step()


@pytest.mark.parametrize("make", [partial(SGD, momentum=0.9, weight_decay=0.01), Adam])
@pytest.mark.parametrize("leaving", [[0], [2], [0, 1], [1, 3], [0, 1, 3]])
def test_an_optimizer_goes_on_when_some_leave(make: Callable[..., Optimizer], leaving: list[int]) -> None:
    networks = made("convnet5", 4)
    singles, stack = deepcopy(networks), Stack([networks[:2], networks[2:]])
    rates = [0.01, 0.01, 0.03, 0.03]
    each = [make(single.parameters(), lr=rate) for single, rate in zip(singles, rates, strict=True)]
    optimizer = make(stack.parameters[0].values(), lr=0.01)
    optimizer.add_param_group({"params": list(stack.parameters[1].values()), "lr": 0.03})
    stacked_steps(stack, optimizer, 2)
    stepped(singles, each, 2)
    gone = [networks[i] for i in leaving]
    stack.leave(gone, optimizer)
    stay = [i for i in range(4) if i not in leaving]
    assert [networks[i] for i in stay] == stack.networks
    stacked_steps(stack, optimizer, 2)
    stepped([singles[i] for i in stay], [each[i] for i in stay], 2)
    assert same_tensors(networks, singles)
    assert len(optimizer.state) == sum(len(parameters) for parameters in stack.parameters)


def test_filters_lie_as_those_of_one_convolution() -> None:
    stack = Stack([made("convnet5", 3)])
    for name, value in stack.parameters[0].items():
        if value.dim() == 5:
            assert value.flatten(0, 1).is_contiguous(memory_format=torch.channels_last), name
    maps = side_by_side(images(3)).transpose(0, 1).flatten(1, 2)
    assert maps.is_contiguous(memory_format=torch.channels_last)


class Twice(nn.Linear):
    def forward(self, images: Tensor) -> Tensor:
        return 2 * super().forward(images)


@pytest.mark.parametrize("groups", [1, 2])
def test_weights_lie_as_those_of_one_convolution_however_many_groups(groups: int) -> None:
    networks = made("convnet5", 4)
    stack = Stack([networks[: 4 // groups], networks[4 // groups :]] if groups == 2 else [networks])
    for name, value in stack.weights().items():
        if value.dim() == 5:
            assert value.flatten(0, 1).is_contiguous(memory_format=torch.channels_last), name


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        (nn.Dropout(0.5), "no rule for a stack of Dropout"),
        (Twice(3, 3), "no rule for a stack of Twice"),
        (nn.Conv2d(4, 4, 3, groups=2), "with groups"),
        (nn.Conv2d(3, 4, 3, padding=1, padding_mode="reflect"), "other padding"),
        (nn.Softmax(dim=0), "Softmax over another dimension"),
        (nn.Flatten(2), "Flatten of other dimensions"),
        (nn.BatchNorm2d(3, momentum=None), "means over all batches"),
    ],
)
def test_what_has_no_rule_is_refused(layer: nn.Module, reason: str) -> None:
    with pytest.raises(CannotStack, match=reason):
        Stack([[nn.Sequential(layer)]])
