"""Which examples are learned next: those whose gradients agree with the others'?

If gradient descent learns what many examples have in common first (Chatterjee and Zielinski), an example whose gradient
points along the mean of the others' is learned before one that stands alone.
"""

from typing import Any

import torch
from jaxtyping import Bool, Float
from lightning import Callback, Trainer
from torch import Tensor
from torchmetrics.functional.classification import binary_auroc

from rotelab.measures.coherence import batches
from rotelab.measures.per_example import Gradients, gradients, products
from rotelab.spacing import due
from rotelab.training.evaluation import evaluated
from rotelab.training.learner import Learner


def agreement(found: Gradients, products: Float[Tensor, " example"]) -> Float[Tensor, " example"]:
    """The cosine of each example's gradient with the sum of all the others', in [-1, 1]; 0 where one of them is zero.

    ``products`` are the scalar products with the sum of all. Without the example's own part, which would let those with
    large gradients agree with themselves.
    """
    products = products.double()
    own = sum(part.double() for part in found.squares.values())
    of_sum = sum(part.double().square().sum() for part in found.total.values())
    others = (of_sum - 2 * products + own).clamp_min(0)
    norms = (own * others).sqrt()
    return torch.where(norms > 0, (products - own) / norms, 0.0).clamp(-1, 1)


def told_apart(scores: Float[Tensor, " example"], which: Bool[Tensor, " example"]) -> float:
    """The probability that one of ``which`` has a higher score than one that is not, ties half (the area under the ROC
    curve); 0.5 is chance. Both kinds have to be there."""
    ranks = scores.unique(return_inverse=True)[1].double()  # torchmetrics would take scores beyond [0, 1] for logits
    return binary_auroc(ranks / max(1.0, ranks.max().item()), which.long()).item()


class Agreement(Callback):
    """Puts into the metrics, about ``per_decade`` times a decade of epochs, of the first ``images`` of the train split:

    ``agreement/train``, and with corrupted labels ``/train_clean`` and ``/train_corrupted``: the mean agreement now.
    Of the examples that were wrong when it measured last, by their agreement then: ``agreement/learned`` of those that
    are right now, ``agreement/not_learned`` of the others, and ``agreement_told_apart/learned``, the probability that
    one of the first agreed more than one of the second.
    """

    def __init__(self, images: int, per_decade: int) -> None:
        self.images, self.per_decade = images, per_decade
        self.before: tuple[Tensor, Tensor] | None = None

    def state_dict(self) -> dict[str, Any]:
        return {"before": self.before}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.before = state_dict["before"]

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        self.before = None
        self._measure(learner)

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        if due(trainer.current_epoch + 1, self.per_decade):
            self._measure(learner)

    def _measure(self, learner: Learner) -> None:
        data, metrics = learner.data, learner.metrics
        images, labels = (part[: self.images] for part in data.splits["train"].evaluated)
        numbers = torch.arange(len(labels), device=labels.device)
        found = gradients(learner.network, batches(data, "train", numbers))
        now = agreement(found, products(learner.network, batches(data, "train", numbers), found))
        right = evaluated(learner.network, images).argmax(dim=1) == labels
        metrics["agreement/train"] = now.mean().item()
        changed = data.splits["train"].changed[: self.images]
        for name, chosen in (("clean", ~changed), ("corrupted", changed)):
            if changed.any() and chosen.any():
                metrics[f"agreement/train_{name}"] = now[chosen].mean().item()
        if self.before is not None:
            scores, was_right = self.before
            scores, learned = scores[~was_right], right[~was_right]
            for name, chosen in (("learned", learned), ("not_learned", ~learned)):
                if chosen.any():
                    metrics[f"agreement/{name}"] = scores[chosen].mean().item()
            if learned.any() and not learned.all():
                metrics["agreement_told_apart/learned"] = told_apart(scores, learned)
        self.before = now, right
