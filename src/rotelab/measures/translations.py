"""What is left of a network's accuracy when images are moved by a pixel or two."""

from collections.abc import Sequence

from lightning import Callback, Trainer
from torch import Tensor, nn

from rotelab.data.inputs import shifted
from rotelab.training.evaluation import evaluate
from rotelab.training.learner import Learner

DIRECTIONS = ((0, 1), (0, -1), (1, 0), (-1, 0))
"""Right, left, down and up."""


def translated_accuracy(network: nn.Module, images: Tensor, labels: Tensor, pixels: int) -> float:
    """The mean accuracy, in [0, 1], over images moved so many ``pixels`` right, left, down and up (Azulay and Weiss
    2019, "Why do deep convolutional networks generalize so poorly to small image transformations?")."""
    moved = (shifted(images, pixels * down, pixels * right) for down, right in DIRECTIONS)
    return sum(evaluate(network, of, labels)[0] for of in moved) / len(DIRECTIONS)


class Translations(Callback):
    """Puts ``accuracy_moved_<n>/held_out`` into the metrics at the end of the run, for each n of ``pixels``: of the
    first ``images`` of the held-out split, as the network is given them. What was whitened or permuted before is moved
    after it, which says little."""

    def __init__(self, images: int, pixels: Sequence[int]) -> None:
        self.images, self.pixels = images, tuple(pixels)

    def on_train_end(self, trainer: Trainer, learner: Learner) -> None:
        images, labels = learner.data.splits["held_out"].evaluated
        images, labels = images[: self.images], labels[: self.images]
        with trainer.precision_plugin.forward_context():
            for pixels in self.pixels:
                found = translated_accuracy(learner.network, images, labels, pixels)
                learner.metrics[f"accuracy_moved_{pixels}/held_out"] = found
