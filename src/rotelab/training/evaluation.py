"""Accuracy and loss of whole splits, at the start and after every epoch.

Nothing here waits for the device but one read an epoch: of the losses of its steps and of all that was evaluated after
them.
"""

import math
from collections.abc import Callable, Mapping, Sequence

import torch
from jaxtyping import Float, Float64, Int64
from lightning import Callback, Trainer
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rotelab.data.share import part
from rotelab.data.streaming import Images
from rotelab.errors import RunError
from rotelab.models.parameters import in_eval_mode
from rotelab.training.learner import Learner
from rotelab.training.stopping import check_finite

SLICES = {"cpu": 64}
"""Images evaluated at once: few stay in a CPU's caches (a fifth faster than 512 with convnet5 at 32x32) ..."""
SLICE = 16384
"""... and any other device takes as many as fit: half as many after each time that they did not."""


def evaluate(network: nn.Module, images: Images, labels: Int64[Tensor, " image"]) -> tuple[float, float]:
    """(accuracy in [0, 1], mean cross-entropy in nats) of a whole split, in eval mode; the mode is put back."""
    outputs = evaluated(network, images)
    right, loss = torch.stack([accuracy(outputs, labels), cross_entropy(outputs, labels)]).tolist()
    return right, loss


@torch.inference_mode()
def evaluated(network: nn.Module, images: Images) -> Float[Tensor, "image class"]:
    """The network's outputs for a whole split, in eval mode; the mode of each of its modules is put back."""
    with in_eval_mode(network):
        outputs = fitting(lambda size: torch.cat([network(piece) for piece in images.split(size)]), images.device)
    return outputs.float()


def fitting(compute: Callable[[int], Tensor], device: torch.device) -> Tensor:
    """``compute(size)`` with a ``size``, of images at once, that fits into the device's memory."""
    first = size = SLICES.setdefault(device.type, SLICE)
    while True:
        try:
            return compute(size)
        except torch.OutOfMemoryError:
            if size == 1:
                SLICES[device.type] = first  # whatever fills the device, it is not this
                raise
        size = SLICES[device.type] = size // 2  # not in the handler, which keeps what the failed attempt held


def accuracy(
    outputs: Float[Tensor, "*run image class"], labels: Int64[Tensor, "*run image"]
) -> Float64[Tensor, "*run"]:
    """The share of images whose label has the greatest output, in [0, 1], on their device.

    In double precision 152 of 160 is .95, as whoever asks for that accuracy writes it; in single precision it is less.
    """
    return (outputs.argmax(dim=-1) == labels).double().mean(dim=-1)


def predicted_classes(outputs: Float[Tensor, "*run image class"]) -> Float[Tensor, "*run"]:
    """How many classes have the greatest output for an image, one at least; on their device, without a wait."""
    classes = torch.arange(outputs.shape[-1], device=outputs.device)
    return (outputs.argmax(dim=-1, keepdim=True) == classes).any(dim=-2).sum(dim=-1).float()


def measured(
    outputs: Float[Tensor, "image class"],
    labels: Int64[Tensor, " image"],
    kinds: Mapping[str, Int64[Tensor, " chosen"]],
    split: str,
) -> dict[str, Float[Tensor, ""]]:
    """The metrics of a split, on its device: ``accuracy/<split>``, ``loss/<split>``, ``accuracy/<split>_<kind>``, and
    ``classes/train``."""
    of_kinds = {f"accuracy/{split}_{kind}": accuracy(outputs[which], labels[which]) for kind, which in kinds.items()}
    classes = {"classes/train": predicted_classes(outputs)} if split == "train" else {}
    return {
        f"accuracy/{split}": accuracy(outputs, labels),
        f"loss/{split}": cross_entropy(outputs, labels),
    } | (classes | of_kinds)


def checked(losses: Sequence[float], metrics: dict[str, float], step: int) -> dict[str, float]:
    """The metrics that were measured after ``step``, the last of the epoch whose steps had these ``losses``.

    Raises RunError for a loss that is infinite or no number: the last step may be the one that diverged.
    """
    check_finite(losses, step)
    for name, value in metrics.items():
        if name.startswith("loss/") and not math.isfinite(value):
            raise RunError(f"the loss of {name.removeprefix('loss/')} was {value} after optimizer step {step}")
    return metrics


class Evaluation(Callback):
    """Fills ``learner.outputs``, and begins ``learner.metrics`` anew with ``accuracy/<split>``, ``loss/<split>``,
    ``classes/train`` (how many are predicted there) and ``sign/pseudo_test``; for a split with corrupted labels
    ``accuracy/<split>_clean`` and ``_corrupted`` as well: of the images whose label is the source's, and of the others
    by the label that they were given. Measures add theirs in the epochs in which they look. Raises RunError when the
    loss of a step or of a split is no finite number.

    Comes before the callbacks that look on, since they read these. Those of the start (epoch 0) and of the end of
    an epoch are also what the objective's sign of the next epoch is decided from: the weights are the same. The
    network computes in the precision that it is trained in. Where several ranks train one run, each puts its share of
    every split through the network; rank 0 gets all outputs, and the others what it measures of them.
    """

    def __init__(self) -> None:
        self.losses: list[Tensor] = []

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        self._evaluate(trainer, learner)

    def on_train_batch_end(
        self, trainer: Trainer, learner: Learner, outputs: dict, batch: object, batch_idx: int
    ) -> None:
        self.losses.append(outputs["loss"])

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        self._evaluate(trainer, learner)
        learner.metrics["sign/pseudo_test"] = learner.sign

    def _evaluate(self, trainer: Trainer, learner: Learner) -> None:
        found: dict[str, Tensor] = {}
        learner.outputs, ranks = {}, learner.ranks
        with trainer.precision_plugin.forward_context():
            for name, split in learner.data.splits.items():
                images, labels = split.evaluated
                images = part(images, ranks.share.of(len(labels))) if ranks.several else images
                outputs = ranks.gathered(evaluated(learner.network, images), len(labels))
                if outputs is not None:
                    learner.outputs[name] = outputs
                    found |= measured(outputs, labels, split.kinds, name)
        losses = ranks.means(self.losses)
        read, steps = [*losses, *found.values()], len(losses)
        values = torch.stack(read).tolist() if read else []  # of a rank that has measured nothing
        self.losses.clear()
        values, metrics = ranks.agreed((values[:steps], dict(zip(found, values[steps:], strict=True))))
        learner.metrics = checked(values, metrics, trainer.global_step)
