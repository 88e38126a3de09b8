"""How steep the objective is: the norm of its gradient (Badger, section 4)."""

from collections.abc import Iterable
from copy import deepcopy

import torch
from lightning import Callback, Trainer
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rotelab.data.batches import Labelled
from rotelab.models.parameters import trained
from rotelab.spacing import due
from rotelab.training.learner import Learner


def gradient(network: nn.Module, batches: Iterable[tuple[Labelled, Labelled]], sign: int) -> list[Tensor]:
    """The gradient of ``J = L(train) + sign L(pseudo-test)`` over all ``batches`` at fixed weights, by parameter.

    Each batch counts by its train images. A copy of the network computes it, in train mode: batch norm takes its
    statistics from the batch, as in a training step, and updates none of the network's own.
    """
    network = deepcopy(network).train()
    parameters = [*trained(network).values()]
    total, count = [torch.zeros_like(parameter) for parameter in parameters], 0
    for (images, labels), (other_images, other_labels) in batches:
        loss = cross_entropy(network(images), labels)
        if sign:
            loss = loss + sign * cross_entropy(network(other_images), other_labels)
        for sum_, part in zip(total, torch.autograd.grad(loss, parameters, materialize_grads=True), strict=True):
            sum_.add_(part, alpha=len(labels))
        count += len(labels)
    return [sum_ / count for sum_ in total]


class GradientNorm(Callback):
    """Puts Euclidean norms of the gradient of the objective into the metrics.

    ``gradient_norm/first_layer`` and ``/all_layers``: of all training batches at the epoch's last weights, with the
    epoch's sign, about ``per_decade`` times a decade of epochs. ``last_batch_gradient_norm/first_layer``: what the last
    step of every epoch left in ``.grad``, which is what the author recorded; there is none at epoch 0. The first layer
    is its weights, without the bias.
    """

    def __init__(self, per_decade: int) -> None:
        self.per_decade = per_decade

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        metrics = learner.metrics
        sign = learner.objective.sign(metrics["accuracy/pseudo_test"], learner.classes, epoch=1)
        self._measure(trainer, learner, sign)

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        last = next(iter(trained(learner.network).values())).grad
        if last is not None:  # as that of a layer which no pass uses
            learner.metrics["last_batch_gradient_norm/first_layer"] = last.norm().item()
        if due(trainer.current_epoch + 1, self.per_decade):
            self._measure(trainer, learner, learner.sign)

    def _measure(self, trainer: Trainer, learner: Learner, sign: int) -> None:
        with torch.random.fork_rng():  # a network with dropout would shift what training draws next
            batches = learner.data.batches(lambda: trainer.current_epoch)
            parts = gradient(learner.network, batches, sign)
        learner.metrics["gradient_norm/first_layer"] = parts[0].norm().item()
        learner.metrics["gradient_norm/all_layers"] = torch.stack([part.norm() for part in parts]).norm().item()
