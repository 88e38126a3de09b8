"""When a run ends: after the right epoch, and with a message that names the right step."""

import math
import warnings
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning import Callback, Trainer
from torch import nn
from torch.optim import SGD
from toy import AS_IT_IS, FailsAt

from rotelab.data.module import ImageData
from rotelab.data.parts import Part, Source
from rotelab.errors import Notice, RunError
from rotelab.models.mlp import mlp
from rotelab.objectives import Split, Standard
from rotelab.training.learner import Learner
from rotelab.training.recipe import Outcome, Recipe
from rotelab.training.run import fit
from rotelab.training.stopping import CollapseNotice, UnboundedNotice, check_finite


class Scripted(Callback):
    """Puts known train accuracies, or losses, in the place of those that were measured."""

    def __init__(self, values: list[float], metric: str = "accuracy/train") -> None:
        self.values, self.metric = values, metric

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        learner.metrics[self.metric] = self.values[trainer.current_epoch]


def train(folder: Path, batch_size: int, **changes: Any) -> Outcome:
    """120 images of one pixel in the train split."""
    part = Part(torch.arange(240).to(torch.uint8).reshape(-1, 1, 1, 1), torch.arange(240) % 2)
    data = partial(
        ImageData,
        load=lambda: Source({"all": part}, ("even", "odd")),
        split={"train": "all[:120]", "pseudo_test": "all[120:180]", "held_out": "all[180:]"},
        batch_size=batch_size,
        **AS_IT_IS,
    )
    defaults: dict[str, Any] = {
        "network": partial(mlp, widths=[]),
        "objective": Standard(),
        "optimizer": partial(SGD, lr=0.01),
        "stop_accuracy": 1.1,
        "max_epochs": 3,
    }
    return fit(Recipe(data=data, **(defaults | changes)), folder / "curve.csv")


@pytest.mark.parametrize(
    ("accuracies", "epochs"), [([0.9, 0.0, 0.0], 1), ([0.89, 0.9, 1.0], 2), ([0.1, 0.2, 0.91], 3), ([0.1, 0.2, 0.3], 3)]
)
def test_stops_after_the_first_epoch_with_the_accuracy(tmp_path: Path, accuracies: list[float], epochs: int) -> None:
    outcome = train(tmp_path, 60, stop_accuracy=0.9, measures=[Scripted(accuracies)])
    assert (outcome.epochs, outcome.steps) == (epochs, 2 * epochs)


@pytest.mark.parametrize(("losses", "epochs"), [([0.1, 0.0, 0.0], 1), ([0.11, 0.1, 0.2], 2), ([0.3, 0.2, 0.11], 3)])
def test_stops_after_the_first_epoch_with_the_loss(tmp_path: Path, losses: list[float], epochs: int) -> None:
    measures = [Scripted(losses, "loss/train")]
    outcome = train(tmp_path, 60, stop_accuracy=None, stop_loss=0.1, measures=measures)
    assert (outcome.epochs, outcome.steps) == (epochs, 2 * epochs)


@pytest.mark.parametrize(
    ("batch_size", "step", "epoch"),
    [(40, 1, 1), (40, 3, 1), (40, 4, 2), (40, 8, 3), (1, 1, 1), (1, 120, 1), (1, 121, 2)],
)
def test_names_the_epoch_and_the_step_of_a_non_finite_loss(
    tmp_path: Path, batch_size: int, step: int, epoch: int
) -> None:
    network = FailsAt(step)
    message = f"^the loss was nan in epoch {epoch}, at optimizer step {step}$"
    with pytest.raises(RunError, match=message):
        train(tmp_path, batch_size, network=lambda *_: network)
    assert network.calls == epoch * 120 / batch_size  # it is looked at when an epoch has ended


def test_no_losses_are_finite() -> None:
    check_finite([], 0)


def test_an_infinite_loss_is_not_finite_either(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"^the loss was inf in epoch 2, at optimizer step 4$"):
        train(tmp_path, 40, network=lambda *_: FailsAt(4, float("-inf")))  # the other class can't be, says the network


def test_a_huge_learning_rate_ends_a_run(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"^the loss was -?(nan|inf) in epoch \d, at optimizer step \d$"):
        train(tmp_path, 40, objective=Split(), optimizer=partial(SGD, lr=1e38))


def test_finite_losses_end_nothing(tmp_path: Path) -> None:
    assert train(tmp_path, 1, max_epochs=1).steps == 120


class Asks(Callback):
    """For the end, after the first epoch."""

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        trainer.should_stop = True


@pytest.mark.parametrize("accuracy", [0.9, None])
def test_nobody_takes_another_callbacks_stop_back(tmp_path: Path, accuracy: float | None) -> None:
    """Train accuracies stay below the one that this run stops at."""
    outcome = train(tmp_path, 60, stop_accuracy=accuracy, dead_epochs=9, measures=[Scripted([0.1] * 3), Asks()])
    assert outcome.epochs == 1


def test_a_dead_run_ends_and_says_since_when(tmp_path: Path) -> None:
    """A network without a gradient: all its outputs are one and the same constant."""
    constant = nn.Sequential(nn.Flatten(), nn.Linear(1, 2))
    for parameter in constant.parameters():
        parameter.data.fill_(1.0)
    changes: dict[str, Any] = {"network": lambda *_: constant, "optimizer": partial(SGD, lr=1e-30), "max_epochs": 30}
    outcome = train(tmp_path, 60, dead_epochs=4, **changes)
    assert (outcome.dead_since, outcome.epochs) == (0, 4)
    assert outcome.metrics["classes/train"] == 1
    outcome = train(tmp_path, 60, dead_epochs=None, **changes)
    assert (outcome.dead_since, outcome.epochs) == (None, 30)


def test_a_run_that_lives_is_not_dead(tmp_path: Path) -> None:
    outcome = train(tmp_path, 60, dead_epochs=1, max_epochs=5)
    assert (outcome.dead_since, outcome.epochs) == (None, 5)


class Collapse(Callback):
    def __init__(self, losses: list[float], classes: int) -> None:
        self.losses, self.classes = losses, classes

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        learner.metrics |= {"loss/train": self.losses[trainer.current_epoch], "classes/train": self.classes}


def test_one_class_and_a_loss_above_that_of_even_odds_are_said_once(tmp_path: Path) -> None:
    even = math.log(2)
    with pytest.warns(Notice, match=r"^a run: one class .* epoch 2, .* 0.7931, more than ln\(2\) = 0.6931") as caught:
        train(tmp_path, 60, measures=[Collapse([even, even + 0.1, even + 0.2], 1), CollapseNotice("a run")])
    assert len([warning for warning in caught if warning.category is Notice]) == 1
    with warnings.catch_warnings(action="error", category=Notice):
        train(tmp_path, 60, measures=[Collapse([even] * 3, 1), CollapseNotice("a run")])
        train(tmp_path, 60, measures=[Collapse([even + 0.1] * 3, 2), CollapseNotice("a run")])


def test_what_is_unlearned_without_a_bound_is_said_once(tmp_path: Path) -> None:
    even = math.log(2)

    def measures(*losses: float) -> list[Callback]:
        return [Scripted([*losses], "loss/train"), UnboundedNotice("a run")]

    with pytest.warns(Notice, match=r"^a run: the train loss is 7 after epoch 2, .* model.softmax=true") as caught:
        train(tmp_path, 60, objective=Split(), measures=measures(even, 7.0, 8.0))
    assert len([warning for warning in caught if warning.category is Notice]) == 1
    with warnings.catch_warnings(action="error", category=Notice):
        train(tmp_path, 60, objective=Split(), measures=measures(2 * even, even, even))
        train(tmp_path, 60, measures=measures(7.0, 8.0, 9.0))  # nothing is unlearned
