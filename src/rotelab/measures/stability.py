"""Theorem 1 of "Why Deep Learning Generalizes" (Badger), measured: how far can parameters and inputs be moved?

The paper calls a configuration stable when its parameters can be moved far before the loss changes by ``delta``
(Eq. 8), and says that then its inputs can be moved far as well (Eq. 11), which it takes for generalization.
"""

from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import torch
from jaxtyping import Float
from lightning import Callback, Trainer
from torch import Generator, Tensor, nn
from torch.func import functional_call
from torch.nn.functional import cross_entropy

from rotelab.data.batches import Labelled
from rotelab.errors import Refusal
from rotelab.models.parameters import in_eval_mode, trained
from rotelab.randomness import stream
from rotelab.training.learner import Learner

SMALLEST, LARGEST, FACTOR = 1e-4, 10.0, 1.5


def radius(loss: Callable[[float], float], delta: float) -> float:
    """The least ``r`` at which ``|loss(r) - loss(0)|`` exceeds ``delta``, within 1 %.

    Looked for at 0.0001, 0.00015, ... 10, then by bisection, so that a dip narrower than a factor of 1.5 is missed.
    10 where it is not exceeded up to there, 0.0001 where it is from the start.
    """
    start = loss(0.0)

    def exceeds(r: float) -> bool:
        return not abs(loss(r) - start) <= delta  # a loss that is no number has changed

    low, high = 0.0, SMALLEST
    while not exceeds(high):
        if high == LARGEST:
            return LARGEST
        low, high = high, min(high * FACTOR, LARGEST)
    while low and high / low > 1.01:
        middle = (low * high) ** 0.5
        low, high = (low, middle) if exceeds(middle) else (middle, high)
    return high


def scaled(directions: Sequence[Tensor], like: Sequence[Tensor]) -> list[Tensor]:
    """Each direction at the Euclidean norm of its counterpart: a step of r moves every layer by r of its own size."""
    return [
        direction * (reference.norm() / direction.norm().clamp_min(1e-30))
        for direction, reference in zip(directions, like, strict=True)
    ]


def random(like: Sequence[Tensor], generator: Generator) -> list[Tensor]:
    """A direction for each tensor, uniform over the sphere of that tensor's norm."""
    drawn = [torch.randn(reference.shape, generator=generator).to(reference) for reference in like]
    return scaled(drawn, like)


MeanLoss = Callable[[Tensor, Tensor], Tensor]
"""Of outputs and labels, one value for all."""


def along_parameters(
    network: nn.Module, batch: Labelled, directions: Sequence[Tensor], loss: MeanLoss = cross_entropy
) -> Callable[[float], float]:
    """The loss (nats) at the network's parameters that are trained plus ``r`` times ``directions``."""
    (images, labels), parameters = batch, trained(network)

    @torch.no_grad()
    def at(r: float) -> float:
        pairs = zip(parameters.items(), directions, strict=True)
        moved = {name: value.detach() + r * direction for (name, value), direction in pairs}
        return loss(functional_call(network, moved, (images,)), labels).item()

    return at


def along_inputs(
    network: nn.Module, batch: Labelled, directions: Float[Tensor, "image ..."], loss: MeanLoss = cross_entropy
) -> Callable[[float], float]:
    """The loss (nats) at the images plus ``r`` times ``directions``."""
    images, labels = batch

    @torch.no_grad()
    def at(r: float) -> float:
        return loss(network(images + r * directions), labels).item()

    return at


def radii(
    network: nn.Module, batch: Labelled, delta: float, directions: int, loss: MeanLoss = cross_entropy
) -> dict[str, float]:
    """Radii of parameters and inputs, in units of each layer's and each image's own norm.

    ``parameter_radius_median`` and ``_worst``: the median and the least over so many random ``directions``;
    ``_steepest``: along the gradient. The same of ``input_radius``, where every image moves at once, each along a
    direction of its own. The network is evaluated in the mode that it is in. Raises Refusal for inputs that can't
    be moved, such as the numbers of words.
    """
    images, labels = batch
    if not images.is_floating_point():
        raise Refusal(f"inputs of {images.dtype} can't be moved: stability is of numbers with a fraction")
    weights = [*trained(network).values()]
    parameters = [weight.detach() for weight in weights]
    moved = images.detach().requires_grad_()
    value = loss(network(moved), labels)
    *slopes, slope = torch.autograd.grad(value, [*weights, moved], materialize_grads=True)

    def parameter_radius(along: Sequence[Tensor]) -> float:
        return radius(along_parameters(network, batch, along, loss), delta)

    def input_radius(along: Sequence[Tensor]) -> float:
        return radius(along_inputs(network, batch, torch.stack([*along]), loss), delta)

    found = {}
    for what, measure, like, steepest in (
        ("parameter_radius", parameter_radius, parameters, slopes),
        ("input_radius", input_radius, list(images), list(slope)),
    ):
        generators = (stream("stability", what, index) for index in range(directions))
        sampled = [measure(random(like, generator)) for generator in generators]
        found |= {
            f"{what}_median": median(sampled),
            f"{what}_worst": min(sampled),
            f"{what}_steepest": measure(scaled(steepest, like)),
        }
    return found


class Stability(Callback):
    """Puts ``radii`` on the first ``images`` of the train split into the metrics, as ``.../train``, at the first epoch
    whose train accuracy reaches each of ``levels``, so that trainings are compared at the same accuracy."""

    def __init__(self, levels: Sequence[float], delta: float, directions: int, images: int) -> None:
        self.levels, self.delta, self.directions, self.images = sorted(levels), delta, directions, images
        self.reached = 0.0

    def state_dict(self) -> dict[str, Any]:
        return {"reached": self.reached}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.reached = state_dict["reached"]

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        self.reached = learner.metrics["accuracy/train"]  # a level below chance says nothing

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        accuracy = learner.metrics["accuracy/train"]
        if not any(self.reached < level <= accuracy for level in self.levels):
            return
        self.reached = accuracy
        images, labels = learner.data.splits["train"].evaluated
        with in_eval_mode(learner.network):
            found = radii(learner.network, (images[: self.images], labels[: self.images]), self.delta, self.directions)
        learner.metrics |= {f"{name}/train": value for name, value in found.items()}
