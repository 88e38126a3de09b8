"""How far parameters and inputs can be moved: closed forms, and when a training is measured."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas
import pytest
import torch
from lightning import Callback, Trainer
from runs import recipe, trained
from torch import nn
from toy import Toy, batch, loss

from rotelab.measures.stability import (
    LARGEST,
    SMALLEST,
    Stability,
    along_inputs,
    along_parameters,
    radii,
    radius,
    random,
    scaled,
)
from rotelab.randomness import stream
from rotelab.training.learner import Learner
from rotelab.training.run import assemble

DELTA = 0.05
KINDS = {f"{what}_radius_{how}" for what in ("parameter", "input") for how in ("median", "worst", "steepest")}


def about(expected: float) -> object:
    """Within the 1 % that ``radius`` promises."""
    return pytest.approx(expected, rel=0.0101)


def upward(product: float) -> float:
    """Where ``loss(w, x, 0)``, with ``w x = product > 0``, has risen by DELTA as ``w`` or ``x`` shrinks."""
    return 1 + math.log(math.expm1(loss(1.0, product, 0) + DELTA)) / product


def downward(product: float) -> float:
    """Where it has fallen by DELTA as ``w`` or ``x`` grows."""
    return -1 - math.log(math.expm1(loss(1.0, product, 0) - DELTA)) / product


class Scripted(Callback):
    """Puts known train accuracies, from epoch 0 on, in the place of those that were measured."""

    def __init__(self, accuracies: Sequence[float]) -> None:
        self.accuracies = accuracies

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        learner.metrics["accuracy/train"] = self.accuracies[0]

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        learner.metrics["accuracy/train"] = self.accuracies[trainer.current_epoch + 1]


class Mode(Callback):
    """Remembers at the end of every epoch whether all of the network is in train mode."""

    def __init__(self) -> None:
        self.training: list[bool] = []

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        self.training.append(all(module.training for module in learner.network.modules()))


@pytest.mark.parametrize("slope", [-30.0, -1.0, 0.00501, 0.3, 7.0, 400.0])
def test_radius_of_a_straight_line(slope: float) -> None:
    assert radius(lambda r: 2 + slope * r, DELTA) == about(DELTA / abs(slope))


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (lambda r: 1.0, LARGEST),
        (lambda r: 0.004 * r, LARGEST),
        (lambda r: 1e9 * r, SMALLEST),
        (lambda r: float("nan") if r > 0.1 else 0.0, 0.1),
        (lambda r: math.inf if r > 9.9 else 0.0, 9.9),
    ],
)
def test_radius_has_ends(of: Callable[..., Any], expected: float) -> None:
    assert radius(of, DELTA) == about(expected)


def test_radius_is_the_least() -> None:
    assert radius(lambda r: math.sin(r), 0.5) == about(math.pi / 6)


def test_steepest_of_a_linear_function_is_the_least_possible() -> None:
    draw = stream("tests")
    slope, at = torch.randn(20, generator=draw), torch.randn(20, generator=draw)

    def along(direction: torch.Tensor) -> float:
        return radius(lambda r: (slope @ (at + r * direction)).item(), DELTA)

    directions = [random([at], draw)[0] for _ in range(100)]
    sampled = [along(direction) for direction in directions]
    assert sampled == [about(min(DELTA / abs((slope @ direction).item()), LARGEST)) for direction in directions]
    steepest = along(*scaled([slope], [at]))
    assert steepest == about(DELTA / (slope.norm() * at.norm()).item())
    assert min(sampled) >= 0.99 * steepest


def test_random_directions_have_the_norm_of_each_tensor() -> None:
    like = [torch.full((3, 4), 5.0), torch.zeros(7), torch.tensor([-0.2]), torch.ones(1000)]
    first, second = (random(like, stream("tests", index)) for index in (0, 1))
    for direction, reference in zip(first, like, strict=True):
        assert direction.shape == reference.shape
        assert direction.norm().item() == pytest.approx(reference.norm().item(), rel=1e-5)
    assert abs(torch.cosine_similarity(first[3], second[3], dim=0).item()) < 0.15
    assert abs(first[3].mean().item()) < 0.15, "to all sides"


@pytest.mark.parametrize(("w", "x"), [(0.8, 1.3), (-2.0, -0.4), (0.1, 3.0)])
def test_moving_the_weight_or_the_pixel_is_the_same(w: float, x: float) -> None:
    toy, (images, labels) = Toy(w), batch((x, 0))
    for factor, expected in ((-1, upward(w * x)), (1, downward(w * x))):
        assert radius(along_parameters(toy, (images, labels), [factor * toy.w.detach()]), DELTA) == about(expected)
        assert radius(along_inputs(toy, (images, labels), factor * images), DELTA) == about(expected)
    found = radii(toy, (images, labels), DELTA, directions=9)
    assert found.keys() == KINDS
    for what in ("parameter_radius", "input_radius"):
        assert found[f"{what}_steepest"] == found[f"{what}_worst"] == about(upward(w * x))
        assert found[f"{what}_median"] in (about(upward(w * x)), about(downward(w * x)))
    assert toy.w.item() == pytest.approx(w) and toy.w.grad is None and images.item() == pytest.approx(x)


def test_a_loss_that_can_not_fall_by_so_much() -> None:
    toy, example = Toy(2.5), batch((2.0, 0))  # 0.0067 nats
    assert radius(along_parameters(toy, example, [toy.w.detach()]), DELTA) == LARGEST
    assert radius(along_inputs(toy, example, example[0]), DELTA) == LARGEST
    assert radii(toy, example, DELTA, directions=1)["input_radius_steepest"] == about(upward(5.0))


def test_every_image_moves_by_its_own_size() -> None:
    examples = [(0.5, 0), (-4.0, 1), (1.0, 1)]

    def moved(r: float) -> float:
        towards = [(0.5 * (1 - r), 0), (-4.0 * (1 - r), 1), (1.0 * (1 + r), 1)]
        return sum(loss(0.7, *example) for example in towards) / 3

    found = radii(Toy(0.7), batch(*examples), DELTA, directions=1)
    assert found["input_radius_steepest"] == about(radius(moved, DELTA))


def test_median_and_worst_are_of_all_directions() -> None:
    draw = stream("tests")
    network = nn.Sequential(nn.Flatten(), nn.Linear(16, 3))
    example = torch.rand(4, 1, 4, 4, generator=draw), torch.tensor([0, 1, 2, 0])
    few, many = (radii(network, example, DELTA, directions) for directions in (1, 25))
    for what in ("parameter_radius", "input_radius"):
        assert few[f"{what}_worst"] == few[f"{what}_median"]
        assert many[f"{what}_worst"] < few[f"{what}_worst"]
        assert many[f"{what}_steepest"] < many[f"{what}_worst"] < many[f"{what}_median"]
    assert radii(network, example, DELTA, 25) == many, "the same directions each time"


def test_is_measured_once_a_level(tmp_path: Path) -> None:
    accuracies = Scripted([0.2, 0.4, 0.25, 0.4, 0.8, 0.9])
    stability = Stability([0.75, 0.1, 0.7, 0.3], DELTA, directions=1, images=5)
    mode = Mode()
    outcome = trained(recipe(measures=[accuracies, stability], max_epochs=5), tmp_path, [mode])
    table = pandas.read_csv(tmp_path / "curve.csv")
    radius_rows = table[table.metric.str.contains("radius")]
    assert set(radius_rows.metric) == KINDS and set(radius_rows.split) == {"train"}
    assert radius_rows.groupby("epoch").size().to_dict() == {1: 6, 4: 6}
    assert not [name for name in outcome.metrics if "radius" in name]
    assert mode.training == [True] * 5


def test_a_level_is_reached_by_equality(tmp_path: Path) -> None:
    measures = [Scripted([0.3, 0.3, 0.5]), Stability([0.3, 0.5], DELTA, directions=1, images=5)]
    trained(recipe(measures=measures, max_epochs=2), tmp_path)
    table = pandas.read_csv(tmp_path / "curve.csv")
    assert set(table[table.metric.str.contains("radius")].epoch) == {2}


def test_measures_the_first_images_in_eval_mode(tmp_path: Path) -> None:
    def network(*_: object) -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.Linear(16, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))

    measures = [Scripted([0.1, 0.5]), Stability([0.5], DELTA, directions=3, images=5)]
    outcome = trained(recipe(measures=measures, max_epochs=1, network=network), tmp_path)
    _, _, data = assemble(recipe(), (), 1)
    images, labels = data.splits["train"].evaluated
    expected = radii(outcome.network.eval(), (images[:5], labels[:5]), DELTA, 3)
    found = {name: value for name, value in outcome.metrics.items() if "radius" in name}
    assert found == pytest.approx({f"{name}/train": value for name, value in expected.items()})
