"""Runs that can't learn any more: one class has won, a softmax is saturated, no gradient is left. No torch here."""

from collections.abc import Mapping
from typing import Any

LOSSES = ("loss/train", "loss/pseudo_test")
FORMER_EPOCHS = 10
"""``Vitals.epochs`` of the runs that came before the option."""


class Vitals:
    """Watches the metrics of a run, epoch by epoch, for its death.

    A run is dead when for ``epochs`` epochs one class was predicted on all of the train split and the losses of the
    train and of the pseudo-test split stayed equal to the last bit; None: nobody asks. (Metrics without
    ``classes/train`` are of a run from before it was measured: one that is right on most train images has not died.)
    """

    def __init__(self, epochs: int | None) -> None:
        self.epochs = epochs
        self.losses: tuple[float, ...] = ()
        self.still = 0
        """The first epoch with these losses and one class."""

    def state_dict(self) -> dict[str, Any]:
        return {"losses": list(self.losses), "still": self.still}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.losses, self.still = tuple(state["losses"]), state["still"]

    def dead_since(self, epoch: int, metrics: Mapping[str, float]) -> int | None:
        """The epoch (0 is before training) since which nothing has changed, if the run is dead after ``epoch``."""
        losses = tuple(metrics[name] for name in LOSSES)
        alive = metrics["classes/train"] > 1 if "classes/train" in metrics else metrics["accuracy/train"] > 0.5
        if losses != self.losses or alive:
            self.losses, self.still = losses, epoch
        dead = self.epochs is not None and epoch - self.still >= self.epochs
        return self.still if dead else None
