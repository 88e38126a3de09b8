"""When a run ends: at a train accuracy, or at once when the loss is no number."""

import torch
from lightning import Callback, Trainer

from rotelab.errors import RunError
from rotelab.learner import Learner


class StopAtAccuracy(Callback):
    """Ends training after the first epoch with a train accuracy of at least ``accuracy``, in [0, 1]."""

    def __init__(self, accuracy: float) -> None:
        self.accuracy = accuracy

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        trainer.should_stop = learner.metrics["accuracy/train"] >= self.accuracy


class StopAtNonFiniteLoss(Callback):
    """Raises RunError when the loss of a step was infinite or no number, naming the epoch (1, 2, ...) and the step.

    Looks at every loss, but only every ``interval`` steps and at the end of an epoch: reading one value from a GPU
    makes it wait, and the weights of a failed run are of no use anyway. Comes before the evaluation.
    """

    def __init__(self, interval: int = 50) -> None:
        self.interval = interval
        self.losses: list[torch.Tensor] = []

    def on_train_batch_end(
        self, trainer: Trainer, learner: Learner, outputs: dict, batch: object, batch_idx: int
    ) -> None:
        self.losses.append(outputs["loss"])
        if len(self.losses) == self.interval:
            self._look(trainer)

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        self._look(trainer)

    def _look(self, trainer: Trainer) -> None:
        bad = (~torch.isfinite(torch.stack(self.losses))).nonzero() if self.losses else []
        if len(bad):
            step = trainer.global_step - len(self.losses) + int(bad[0]) + 1
            loss = float(self.losses[int(bad[0])])
            raise RunError(f"the loss was {loss} in epoch {trainer.current_epoch + 1}, at optimizer step {step}")
        self.losses.clear()
