"""The LightningModule: network, objective, aggregator. Its training step is the whole of the paper's method."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from inspect import signature
from itertools import chain
from typing import Any, Literal

import numpy
import torch
from jaxtyping import Float
from lightning import LightningModule
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import Optimizer
from torch.optim.lr_scheduler import ExponentialLR, LRScheduler

from rotelab.aggregators import Aggregator, Mean
from rotelab.data.batched import Batched
from rotelab.data.batches import Pair
from rotelab.models.held import hold_after
from rotelab.models.initial import head
from rotelab.models.parameters import trained
from rotelab.objectives import Objective
from rotelab.training.graphs import Graphs, Outputs
from rotelab.training.ranks import ONE, Ranks


class Learner(LightningModule):
    """Minimizes ``J = L(train) + s(m) L(pseudo-test)``, with L the mean cross-entropy of a batch (nats).

    ``s`` is the objective's sign for the pseudo-test accuracy ``m`` at the start of the epoch, read from ``metrics``
    (``what/where`` -> value), which the Evaluation callback fills. The two batches go through the network one after
    the other, so that statistics of a batch never mix the two splits, or in ``one_pass``, which is for networks that
    mix nothing. Where the ``aggregator`` asks for groups, both are cut into so many, and there is a ``J`` of each.
    Every epoch has ``lr_decay`` times the learning rate of the one before. Before each step the last layer is
    multiplied by ``1 - lr head_decay``: decoupled weight decay (Loshchilov and Hutter 2019).

    ``forward_pass`` computes what the network does, in a faster way, and so does a step through ``graphs``, which are
    for the plain gradient of one group. Where several ``ranks`` train one run, each has a share of both batches, and a
    loss whose mean over the ranks is that of the whole batches: so is its gradient, which DDP averages.
    """

    def __init__(
        self,
        network: nn.Module,
        objective: Objective,
        optimizer: Callable[..., Optimizer],
        classes: int,
        lr_decay: float = 1.0,
        head_decay: float = 0.0,
        aggregator: Aggregator | None = None,
        data: Batched | None = None,
        forward_pass: Callable[[Tensor], Tensor] | None = None,
        one_pass: bool = False,
        graphs: Graphs | None = None,
        ranks: Ranks = ONE,
    ) -> None:
        super().__init__()
        self.network, self.objective, self.optimizer, self.classes = network, objective, optimizer, classes
        self.lr_decay, self.head_decay = lr_decay, head_decay
        self.aggregator = aggregator or Mean()
        self._data = data
        self.forward_pass = forward_pass or (lambda images: network(images))
        self.one_pass, self.graphs, self.ranks = one_pass, graphs, ranks
        self.losses: list[Tensor] = []
        self._gradients: list[Tensor | None] = []
        self.metrics: dict[str, float] = {}
        self.outputs: dict[str, Tensor] = {}
        """Of each split what the network put out when it was evaluated last."""
        self.arrays: dict[str, numpy.ndarray] = {}
        """What measures leave beside the metrics, by name, when the run ends."""
        self.at_step: dict[str, float] = {}
        """What a measure found after this step, in the middle of an epoch."""
        self.sign: Literal[-1, 0, 1] = 0
        self.dead_since: int | None = None
        """The epoch since which it can't learn any more."""
        self.images = 0
        """So many have gone through a training pass so far, with repetition: those of a train batch, and of the
        pseudo-test batch beside it where it is learned or unlearned, on whatever rank."""
        self.sizes: list[int] = []
        """Images of both batches of this step."""
        self.sittings = 1
        """How often the run has been started, this time included."""

    @property
    def data(self) -> Batched:
        """What it learns from, for the callbacks that look on."""
        assert self._data is not None, "this learner was made without data"
        return self._data

    def on_train_epoch_start(self) -> None:
        self.decide(self.current_epoch + 1)

    def decide(self, epoch: int) -> None:
        """The sign of this epoch (1, 2, ...)."""
        self.sign = self.objective.sign(self.metrics["accuracy/pseudo_test"], self.classes, epoch)

    def on_train_batch_start(self, batch: Pair, batch_idx: int) -> None:
        self.at_step = {}
        (_, train), (_, pseudo_test) = batch
        self.sizes = self.data.sizes(self.global_step) if self.ranks.several else [len(train), len(pseudo_test)]
        self.images += self.sizes[0] + (self.sizes[1] if self.sign else 0)

    def training_step(self, batch: Pair, index: int) -> Float[Tensor, ""]:
        if self.graphs:
            loss, *self._gradients = self.graphs(self.sign, self._passes, *chain(*(batch if self.sign else batch[:1])))
            assert loss is not None
            return loss.clone()
        used = batch if self.sign else (batch[0], batch[0])
        self.losses = [self._objective(group) for group in _groups(used, self.aggregator.groups)]
        first, *others = self.losses
        return sum(others, first) / len(self.losses)

    def backward(self, loss: Float[Tensor, ""]) -> None:
        parameters = [*trained(self.network).values()]
        if self.graphs:
            for parameter, gradient in zip(parameters, self._gradients, strict=True):
                parameter.grad = gradient
        else:
            self.aggregator.backward(self.losses, parameters)

    def on_before_optimizer_step(self, optimizer: Optimizer) -> None:
        if self.head_decay:
            decay(self._head, optimizer.param_groups[0]["lr"], self.head_decay)

    @cached_property
    def _head(self) -> list[nn.Parameter]:
        return [parameter for parameter in head(self.network).values() if parameter.requires_grad]

    def _objective(self, batch: Pair) -> Float[Tensor, ""]:
        images, labels = zip(*(batch if self.sign else batch[:1]), strict=True)
        loss, *others = map(cross_entropy, self._outputs(images), labels)
        if self.ranks.several:
            weights = [
                self.ranks.share.count * len(part) / size for part, size in zip(labels, self.sizes, strict=False)
            ]
            loss, *others = (weight * own for weight, own in zip(weights, [loss, *others], strict=False))
        return loss + self.sign * others[0] if others else loss

    def _passes(self, *tensors: Tensor) -> Outputs:
        """The loss of a step of this sign and its gradient, from the images and labels of each batch."""
        train, *others = zip(tensors[::2], tensors[1::2], strict=True)
        torch.clear_autocast_cache()  # weights have changed since a graph was recorded: they are rounded in the graph
        loss = self._objective((train, others[0] if others else train))
        with torch.autocast(loss.device.type, enabled=False):
            gradients = torch.autograd.grad(loss, [*trained(self.network).values()], allow_unused=True)
        torch.clear_autocast_cache()
        return loss.detach(), *gradients

    def _outputs(self, batches: Sequence[Tensor]) -> Iterable[Tensor]:
        if self.one_pass and len(batches) > 1:
            return self.forward_pass(torch.cat([*batches])).split([len(images) for images in batches])
        return map(self.forward_pass, batches)

    def configure_optimizers(self) -> tuple[list[Optimizer], list[LRScheduler]]:
        optimizer = self.optimizer(self.parameters(), **self.launches())
        hold_after(optimizer, lambda: [self.network])
        return [optimizer], [ExponentialLR(optimizer, self.lr_decay)]

    def launches(self) -> dict[str, Any]:
        """An option under which a GPU takes all of an optimizer's step at once, of one that has it; a CPU keeps to the
        plain loop."""
        fused = self.device.type == "cuda" and "fused" in signature(self.optimizer).parameters
        return {"fused": True} if fused else {}


@torch.no_grad()
def decay(parameters: Iterable[nn.Parameter], lr: float, rate: float) -> None:
    """One step of decoupled weight decay, as torch's AdamW takes it."""
    for parameter in parameters:
        parameter.mul_(1 - lr * rate)


def _groups(batch: Pair, count: int) -> Iterator[Pair]:
    """Both batches cut into ``count`` groups of about the same size; into fewer where there are not so many images."""
    (images, labels), (other_images, other_labels) = batch
    count = min(count, len(labels), len(other_labels))
    cut = [part.tensor_split(count) for part in (images, labels, other_images, other_labels)]
    for train, train_labels, other, of_other in zip(*cut, strict=True):
        yield (train, train_labels), (other, of_other)
