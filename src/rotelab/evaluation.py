"""Accuracy and loss of whole splits, at the start and after every epoch."""

import math

import torch
from jaxtyping import Float, Int64
from lightning import Callback, Trainer
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torchmetrics.functional.classification import multiclass_accuracy

from rotelab.data.streaming import Images
from rotelab.errors import RunError
from rotelab.learner import Learner

SLICES = {"cpu": 64}
"""Images evaluated at once: few stay in a CPU's caches (a fifth faster than 512 with convnet5 at 32x32) ..."""
SLICE = 4096
"""... and many fill any other device."""


def evaluate(network: nn.Module, images: Images, labels: Int64[Tensor, " image"]) -> tuple[float, float]:
    """(accuracy in [0, 1], mean cross-entropy in nats) of a whole split, in eval mode; the mode is put back."""
    outputs = evaluated(network, images)
    return accuracy(outputs, labels), cross_entropy(outputs, labels).item()


@torch.inference_mode()
def evaluated(network: nn.Module, images: Images) -> Float[Tensor, "image class"]:
    """The network's outputs for a whole split, in eval mode; the mode is put back."""
    training = network.training
    network.eval()
    outputs = torch.cat([network(piece) for piece in images.split(SLICES.get(images.device.type, SLICE))]).float()
    network.train(training)
    return outputs


def accuracy(outputs: Float[Tensor, "image class"], labels: Int64[Tensor, " image"]) -> float:
    """The share of images whose label has the greatest output, in [0, 1]."""
    return multiclass_accuracy(outputs, labels, outputs.shape[1], average="micro", validate_args=False).item()


class Evaluation(Callback):
    """Puts ``accuracy/<split>``, ``loss/<split>`` and ``sign/pseudo_test`` into ``learner.metrics``; for a split with
    corrupted labels ``accuracy/<split>_clean`` and ``_corrupted`` as well: of the images whose label is the source's,
    and of the others by the label that they were given.

    Comes before the callbacks that look on, since they read these. Those of the start (epoch 0) and of the end of
    an epoch are also what the objective's sign of the next epoch is decided from: the weights are the same.
    """

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        self._evaluate(trainer, learner)

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        self._evaluate(trainer, learner)
        learner.metrics["sign/pseudo_test"] = learner.sign

    def _evaluate(self, trainer: Trainer, learner: Learner) -> None:
        for name, (images, labels) in trainer.datamodule.splits.items():
            outputs = evaluated(learner.network, images)
            loss = cross_entropy(outputs, labels).item()
            if not math.isfinite(loss):  # the last step of an epoch may be the one that diverged
                raise RunError(f"the loss of {name} was {loss} after optimizer step {trainer.global_step}")
            learner.metrics |= {f"accuracy/{name}": accuracy(outputs, labels), f"loss/{name}": loss}
            changed = trainer.datamodule.changed[name]
            if changed.any():
                for kind, chosen in (("clean", ~changed), ("corrupted", changed)):
                    if chosen.any():
                        learner.metrics[f"accuracy/{name}_{kind}"] = accuracy(outputs[chosen], labels[chosen])
