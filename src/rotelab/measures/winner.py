"""Which class a network predicts most, and how much more of it there is to learn than to unlearn.

For constant outputs p, J of Eq. (1) = sum over classes c of (f_pseudo(c) - f_train(c)) p_c, with f the class
frequencies of both splits: it is least where p is one-hot on the class of the greatest excess f_train - f_pseudo.
"""

import torch
from jaxtyping import Float, Int64
from lightning import Callback, Trainer
from torch import Tensor

from rotelab.training.learner import Learner


def excess(
    train: Int64[Tensor, " image"], pseudo_test: Int64[Tensor, " other"], classes: int
) -> Float[Tensor, " class"]:
    """``f_train - f_pseudo`` of each class, in [-1, 1]; the sum is 0."""
    first, second = (labels.bincount(minlength=classes) / len(labels) for labels in (train, pseudo_test))
    return first - second


def winner(
    predicted: Int64[Tensor, " image"], more: Float[Tensor, " class"]
) -> tuple[Float[Tensor, ""], Float[Tensor, ""], Int64[Tensor, ""]]:
    """Of the class that most images are ``predicted`` as (the first of several): its share of them, its excess, and the
    rank of that among the excesses ``more`` of all classes, 1 where none is greater."""
    counts = predicted.bincount(minlength=len(more))
    first = counts.argmax()
    return counts[first] / len(predicted), more[first], 1 + (more > more[first]).sum()


class Winner(Callback):
    """Puts into the metrics, of the class that most train images are predicted as, ``winner_share/train``,
    ``winner_excess/train`` and ``winner_rank/train``."""

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        self._measure(learner)

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        self._measure(learner)

    def _measure(self, learner: Learner) -> None:
        labels, others = (learner.data.splits[name].evaluated[1] for name in ("train", "pseudo_test"))
        predicted = learner.outputs["train"].argmax(dim=1)
        found = torch.stack(winner(predicted, excess(labels, others, learner.classes)))
        names = ("winner_share/train", "winner_excess/train", "winner_rank/train")
        learner.metrics |= dict(zip(names, found.tolist(), strict=True))
