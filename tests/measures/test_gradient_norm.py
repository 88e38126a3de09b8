"""The objective's gradient against closed forms and plain autograd; when its norm is measured."""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import pandas
import pytest
import torch
from networks import gradient as slope
from runs import recipe, trained, vector
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import Adam
from toy import Toy, batch, derivative

from rotelab.data.batches import Labelled, Pair
from rotelab.measures.gradient_norm import GradientNorm, gradient
from rotelab.models.convnet5 import convnet5
from rotelab.models.resnet18 import resnet18
from rotelab.objectives import Schedule, Split, Standard
from rotelab.randomness import stream
from rotelab.training.run import assemble

PAIRS = [([(0.5, 0), (-1.0, 1), (2.0, 0)], [(1.5, 1)]), ([(0.2, 1)], [(0.3, 0), (-0.7, 0)])]
"""Two batches of the examples of train and pseudo-test."""


def split(name: str, images: int, shape: tuple[int, int, int] = (1, 4, 4)) -> Labelled:
    draw = stream("tests", name)
    pixels = torch.rand(images, *shape, generator=draw, dtype=torch.float64)
    return pixels, torch.randint(3, (images,), generator=draw)


def cut(train: Labelled, other: Labelled, size: int) -> Iterator[Pair]:
    """Batches of so many images, the last of them perhaps smaller."""
    return zip(*(zip(*(tensor.split(size) for tensor in of), strict=True) for of in (train, other)), strict=True)


def at_once(network: nn.Module, train: Labelled, other: Labelled, sign: int) -> Tensor:
    """The gradient over both splits, each of them a single batch."""
    loss = cross_entropy(network(train[0]), train[1]) + sign * cross_entropy(network(other[0]), other[1])
    return flat(torch.autograd.grad(loss, list(network.parameters())))


def flat(tensors: Iterable[Tensor]) -> Tensor:
    return torch.cat([tensor.flatten() for tensor in tensors])


@pytest.mark.parametrize("sign", [-1, 0, 1])
@pytest.mark.parametrize("batches", [1, 2])
def test_closed_form(sign: int, batches: int) -> None:
    def mean(examples: list[tuple[float, int]]) -> float:
        return sum(derivative(0.7, *example) for example in examples) / len(examples)

    pairs = PAIRS[:batches]
    images = sum(len(train) for train, _ in pairs)
    expected = sum(len(train) * (mean(train) + sign * mean(other)) for train, other in pairs) / images
    (found,) = gradient(Toy(0.7), ((batch(*train), batch(*other)) for train, other in pairs), sign)
    assert found.item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("sign", "images"), [(-1, 12), (0, 12), (1, 12), (0, 10)])
def test_is_the_gradient_of_the_whole_splits(sign: int, images: int) -> None:
    network = convnet5((1, 4, 4), 3, width=0.1).double()
    train, other = split("train", images), split("other", images)
    found = gradient(network, cut(train, other, 4), sign)
    assert [part.shape for part in found] == [parameter.shape for parameter in network.parameters()]
    torch.testing.assert_close(flat(found), at_once(network, train, other, sign), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("training", [True, False])
def test_batch_norm_takes_its_statistics_from_the_batch_and_the_network_stays_as_it_is(training: bool) -> None:
    network = resnet18((3, 16, 16), 3, width=0.05).double()
    train, other = split("train", 6, (3, 16, 16)), split("other", 6, (3, 16, 16))
    expected = at_once(network, train, other, -1)  # in train mode; also gives the running statistics other values
    network.train(training)
    for parameter in network.parameters():
        parameter.grad = torch.full_like(parameter, 2.0)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    torch.testing.assert_close(flat(gradient(network, [(train, other)], -1)), expected, rtol=1e-10, atol=1e-12)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert all((slope(parameter) == 2).all() for parameter in network.parameters())
    assert all(module.training == training for module in network.modules())


def test_is_measured_at_due_epochs_only(tmp_path: Path) -> None:
    outcome = trained(recipe(measures=[GradientNorm(per_decade=3)]), tmp_path)
    table = pandas.read_csv(tmp_path / "curve.csv")
    epochs = table[table.metric.str.contains("gradient")].groupby(["metric", "split"]).epoch.apply(list).to_dict()
    assert epochs == {
        ("gradient_norm", "first_layer"): [0, 1, 3],
        ("gradient_norm", "all_layers"): [0, 1, 3],
        ("last_batch_gradient_norm", "first_layer"): [1, 2, 3, 4],  # costs nothing
    }
    assert [name for name in outcome.metrics if "gradient" in name] == ["last_batch_gradient_norm/first_layer"]


def test_is_the_norm_at_the_weights_of_the_epoch(tmp_path: Path) -> None:
    made = recipe(measures=[GradientNorm(per_decade=3)], max_epochs=1, batch_order="reshuffled")
    outcome = trained(made, tmp_path)
    _, learner, data = assemble(made, (), 1)
    network, pairs = learner.network, data.batches(lambda: 0)
    table = pandas.read_csv(tmp_path / "curve.csv").query("epoch == 0").set_index(["metric", "split"]).value
    start = gradient(network, pairs, -1)
    assert table["gradient_norm", "first_layer"] == pytest.approx(start[0].norm().item(), rel=1e-5)
    assert table["gradient_norm", "all_layers"] == pytest.approx(flat(start).norm().item(), rel=1e-5)
    optimizer = Adam(network.parameters(), lr=1e-3)
    for (images, labels), (others, other_labels) in pairs:  # the epoch by hand
        optimizer.zero_grad()
        (cross_entropy(network(images), labels) - cross_entropy(network(others), other_labels)).backward()
        optimizer.step()
    torch.testing.assert_close(vector(network), vector(outcome.network))
    end, last = gradient(network, pairs, -1), slope(next(network.parameters()))
    assert {name: value for name, value in outcome.metrics.items() if "gradient" in name} == pytest.approx(
        {
            "gradient_norm/first_layer": end[0].norm().item(),
            "gradient_norm/all_layers": flat(end).norm().item(),
            "last_batch_gradient_norm/first_layer": last.norm().item(),
        },
        rel=1e-4,
    )


def test_has_the_sign_of_the_epoch(tmp_path: Path) -> None:
    def norms(objective: object) -> list[float]:
        made = recipe(measures=[GradientNorm(per_decade=20)], objective=objective, optimizer=partial(Adam, lr=1e-30))
        trained(made, tmp_path)  # weights stay where they are
        return pandas.read_csv(tmp_path / "curve.csv").query("split == 'all_layers'").value.tolist()

    split, standard = norms(Split()), norms(Standard())
    assert split[0] != pytest.approx(standard[0], rel=0.01)
    assert norms(Schedule(Split(), Standard(), 2)) == pytest.approx([*split[:3], *standard[3:]], rel=1e-6)
