"""How much the gradients of the examples have in common: alpha and r, the m-coherence.

Chatterjee and Zielinski, "Making Coherence Out of Nothing At All" and "On the Generalization Mystery in Deep Learning".
With g the gradients of the losses of m examples,

    r = |sum g|^2 / sum |g|^2,    alpha = r / m

r is how many examples of the sample a step along the gradient of one of them helps: m if all gradients are the same, 1
if they are orthogonal, 0 if they cancel. alpha is the mean scalar product of two of them (of one with itself, too) over
the mean squared norm.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

import torch
from jaxtyping import Int64
from lightning import Callback, Trainer
from torch import Tensor

from rotelab.data.batched import Batched
from rotelab.data.batches import Labelled
from rotelab.measures.per_example import AT_ONCE, Gradients, gradients
from rotelab.spacing import due
from rotelab.training.learner import Learner


def sums(found: Gradients, layers: Collection[str] | None = None) -> tuple[float, float, int]:
    """(|sum g|^2, sum |g|^2, m), of all layers together or of some, added up in float64."""
    chosen = found.total.keys() if layers is None else layers
    of_sum = sum(float(found.total[layer].double().square().sum()) for layer in chosen)
    of_each = sum(float(found.squares[layer].double().sum()) for layer in chosen)
    return of_sum, of_each, len(next(iter(found.squares.values())))


def coherence(found: Gradients, layers: Collection[str] | None = None) -> dict[str, float]:
    """``alpha``, in [0, 1], and ``r``, in [0, m]; nothing where all gradients are zero."""
    of_sum, of_each, count = sums(found, layers)
    return {"alpha": of_sum / of_each / count, "r": of_sum / of_each} if of_each else {}


def sample(data: Batched, split: str, images: int) -> dict[str, Int64[Tensor, " image"]]:
    """The numbers of the first ``images`` of a split; of one with corrupted labels in two parts, ``clean`` and
    ``corrupted``."""
    changed = data.splits[split].changed[:images]
    if not changed.any():
        return {"": torch.arange(len(changed), device=changed.device)}
    parts = {"clean": (~changed).nonzero().flatten(), "corrupted": changed.nonzero().flatten()}
    return {name: chosen for name, chosen in parts.items() if len(chosen)}


def batches(data: Batched, split: str, chosen: Int64[Tensor, " image"]) -> Iterator[Labelled]:
    """These images of a split, as they are evaluated, a few at once."""
    images, labels = data.splits[split].evaluated
    return ((images[some], labels[some]) for some in chosen.split(AT_ONCE))


def measured(parts: Mapping[str, Gradients], split: str) -> dict[str, float]:
    """The metrics of a sample whose parts are clean and corrupted examples, or all of them (see Coherence)."""
    first, *others = parts.values()
    whole = sum(others, first)
    found = {f"coherence_{name}/{split}": value for name, value in coherence(whole).items()}
    for number, layer in enumerate(whole.total, start=1):
        of_layer = coherence(whole, [layer])
        if of_layer:
            found[f"coherence_r_layer{number:02}/{split}"] = of_layer["r"]
    if others:
        of_sum, _, _ = sums(whole)
        for name, part in parts.items():
            found |= {f"coherence_{key}/{split}_{name}": value for key, value in coherence(part).items()}
            product = sum(float(part.total[layer].double() @ whole.total[layer].double()) for layer in whole.total)
            if of_sum:
                found[f"coherence_share/{split}_{name}"] = product / of_sum
    return found


class Coherence(Callback):
    """Puts alpha and r of the first ``images`` of each of ``splits`` into the metrics, in eval mode and float32.

    ``coherence_alpha/<split>`` and ``coherence_r/<split>`` are of all parameters, ``coherence_r_layer01/<split>``, ...
    of each layer (modules with parameters, in order). In a split with corrupted labels there are
    ``.../<split>_clean`` and ``.../<split>_corrupted`` besides, and ``coherence_share/...``, the part of the step that
    each has: <sum of all, sum of its> over |sum of all|^2 (f_p and f_c of "Coherent Gradients", ICLR 2020).

    ``schedule`` is ``epochs``: before training and about ``per_decade`` times a decade of epochs; or ``steps``: the
    same in optimizer steps, with rows of their own in the curve between those of the epochs.
    """

    def __init__(self, images: int, splits: Sequence[str], schedule: str, per_decade: int) -> None:
        self.images, self.splits, self.schedule, self.per_decade = images, splits, schedule, per_decade

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        learner.metrics |= self._measure(learner)

    def on_train_batch_end(
        self, trainer: Trainer, learner: Learner, outputs: dict, batch: object, batch_idx: int
    ) -> None:
        if self.schedule == "steps" and due(trainer.global_step, self.per_decade):
            learner.at_step |= self._measure(learner)

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        if self.schedule == "epochs" and due(trainer.current_epoch + 1, self.per_decade):
            learner.metrics |= self._measure(learner)

    def _measure(self, learner: Learner) -> dict[str, float]:
        data, found = learner.data, {}
        for split in self.splits:
            parts = sample(data, split, self.images)
            found |= measured(
                {name: gradients(learner.network, batches(data, split, chosen)) for name, chosen in parts.items()},
                split,
            )
        return found
