"""The accuracy as the author of "Why Deep Learning Generalizes" recorded it: over a batch more than was trained on."""

from lightning import Callback, Trainer

from rotelab.data.split import Evaluated
from rotelab.training.evaluation import evaluate
from rotelab.training.learner import Learner

SPLITS = ("train", "pseudo_test")
"""The splits that are trained on; for others there is no such thing as a batch more."""


def mixed(trained: float, beyond: float, batches: int, more: int = 1) -> float:
    """``(b trained + m beyond) / (b + m)``: accuracy over ``b`` batches that were trained on and ``m`` that were not.

    With one more batch at chance the ceiling of ten classes is .850 for 5 batches, .918 for 10, .957 for 20.
    """
    return (batches * trained + more * beyond) / (batches + more)


def corrected(recorded: float, beyond: float, batches: int, more: int = 1) -> float:
    """The accuracy on what was trained on, from one that ``mixed`` it with ``more`` batches of accuracy ``beyond``."""
    return (recorded * (batches + more) - more * beyond) / batches


class LegacyAccuracy(Callback):
    """Puts ``legacy_accuracy/train`` and ``/pseudo_test`` into the metrics; it never rules the objective's sign.

    The batch more is what follows the split in its part of the source, whichever split that belongs to. Where the data
    end (the author's 10,000 test images) there is none, and the accuracy is the honest one.
    """

    def __init__(self) -> None:
        self.beyond: dict[str, Evaluated | None] = {}

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        data = learner.data
        self.beyond = {name: data.beyond(name, data.batch_size) for name in SPLITS}
        self._measure(trainer, learner)

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        self._measure(trainer, learner)

    def _measure(self, trainer: Trainer, learner: Learner) -> None:
        for name, more in self.beyond.items():
            accuracy = learner.metrics[f"accuracy/{name}"]
            if more is not None:
                images = len(learner.data.splits[name])
                with trainer.precision_plugin.forward_context():  # as the other accuracy was measured
                    beyond, _ = evaluate(learner.network, *more)
                accuracy = mixed(accuracy, beyond, images, len(more[1]))
            learner.metrics[f"legacy_accuracy/{name}"] = accuracy
