"""When a run ends: at a train accuracy or a train loss, when it is dead, or when the loss is no number."""

import math
import warnings
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from lightning import Callback, Trainer

from rotelab.errors import Notice, RunError
from rotelab.results.dead import Vitals
from rotelab.training.learner import Learner


def reached(metrics: Mapping[str, float], accuracy: float | None, loss: float | None) -> bool:
    """Whether the train accuracy is at least that, in [0, 1], or the train loss at most that, in nats; never where
    there is none to reach."""
    accurate = accuracy is not None and metrics["accuracy/train"] >= accuracy
    return accurate or (loss is not None and metrics["loss/train"] <= loss)


class StopWhenReached(Callback):
    """Ends training after the first epoch with a train accuracy of at least ``accuracy``, in [0, 1], or a train loss of
    at most ``loss``, in nats; None: not."""

    def __init__(self, accuracy: float | None, loss: float | None = None) -> None:
        self.accuracy, self.loss = accuracy, loss

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        if reached(learner.metrics, self.accuracy, self.loss):
            trainer.should_stop = True  # only ever set: another callback may have asked for the end


class StopWhenDead(Callback):
    """Ends training after ``epochs`` epochs in which nothing changed, and notes ``learner.dead_since``; None: not."""

    def __init__(self, epochs: int | None) -> None:
        self.vitals = Vitals(epochs)

    def state_dict(self) -> dict[str, Any]:
        return self.vitals.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.vitals.load_state_dict(state_dict)

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        self.vitals.dead_since(0, learner.metrics)

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        learner.dead_since = self.vitals.dead_since(trainer.current_epoch + 1, learner.metrics)
        if learner.dead_since is not None:
            trainer.should_stop = True


class _SaidOnce(Callback, ABC):
    """Says once, after the first epoch that gives reason to, what its kind has to say of the run ``name``."""

    def __init__(self, name: str) -> None:
        self.name, self.said = name, False

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        if not self.said and (text := self.text(learner, trainer.current_epoch + 1)):
            self.said = True
            warnings.warn(f"{self.name}: {text}", Notice, stacklevel=2)

    @abstractmethod
    def text(self, learner: Learner, epoch: int) -> str | None:
        """What there is to say after ``epoch``; None where there is no reason."""


class CollapseNotice(_SaidOnce):
    """Says once when the run ``name`` may be about to die: one class is predicted for all train images, with a loss of
    more than that of even odds, ln(classes), by more than the thousandth that networks may begin with.

    For networks that end in a softmax, to which cross-entropy adds another: the first one saturates, and passes no
    gradient.
    """

    def text(self, learner: Learner, epoch: int) -> str | None:
        loss, even = learner.metrics["loss/train"], math.log(learner.classes)
        if loss <= 1.001 * even or learner.metrics["classes/train"] != 1:
            return None
        return (
            f"one class is predicted after epoch {epoch}, and the train loss is {loss:.4f}, more than "
            f"ln({learner.classes}) = {even:.4f}: the run may be dying"
        )


class UnboundedNotice(_SaidOnce):
    """Says once when what is unlearned outweighs what is learned in the run ``name``: the train loss is more than twice
    that of even odds, ln(classes).

    For networks that do not end in a softmax, Eq. (2): the loss of what is unlearned has no bound there.
    """

    def text(self, learner: Learner, epoch: int) -> str | None:
        loss, even = learner.metrics["loss/train"], math.log(learner.classes)
        if loss <= 2 * even or learner.metrics["sign/pseudo_test"] >= 0:
            return None
        return (
            f"the train loss is {loss:.4g} after epoch {epoch}, more than twice ln({learner.classes}) = {even:.4f}: "
            "without model.softmax=true the loss of what is unlearned has no bound, and outweighs what is learned"
        )


def check_finite(losses: Sequence[float], last_step: int) -> None:
    """Raises RunError when a loss of the epoch that ended with ``last_step`` is infinite or no number.

    It names the epoch (1, 2, ...) and the optimizer step. Looked at when the epoch has ended: to read a value from a
    GPU makes it wait, and the weights of a failed run are of no use anyway.
    """
    for index, loss in enumerate(losses):
        if not math.isfinite(loss):
            epoch, step = last_step // len(losses), last_step - len(losses) + index + 1
            raise RunError(f"the loss was {loss} in epoch {epoch}, at optimizer step {step}")
