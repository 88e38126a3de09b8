"""Linear mode connectivity: error and loss on the straight line between two networks (Frankle et al. 2020)."""

from collections.abc import Mapping
from copy import deepcopy
from typing import NamedTuple

import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.nn.modules.batchnorm import _BatchNorm

from rotelab.errors import Refusal
from rotelab.models.parameters import in_eval_mode


class Along(NamedTuple):
    """At each point of the line from the one network, 0, to the other, 1: the share of wrong guesses, and the mean
    cross-entropy in nats."""

    at: Float64[Tensor, " point"]
    error: Float64[Tensor, " point"]
    loss: Float64[Tensor, " point"]


class Barrier(NamedTuple):
    """How much greater error (in [-1, 1]) and loss (nats) become between the ends than their means there."""

    error: float
    loss: float


def barrier(
    network_a: nn.Module,
    network_b: nn.Module,
    images: Float[Tensor, "image channel height width"],
    labels: Int64[Tensor, " image"],
    points: int = 21,
) -> Barrier:
    """``max over a in [0, 1] of E((1 - a) w_A + a w_B) - (E(w_A) + E(w_B)) / 2`` (Frankle et al. 2020, section 2), at
    ``points`` equal steps. 0 of a network with itself; no less than 0 by definition, as an end is at least the mean.

    Statistics of batch norms are taken anew at every point, from the images. Raises Refusal as ``along``.
    """
    found = along(network_a, network_b, images, labels, points)
    return Barrier(height(found.error), height(found.loss))


def height(values: Float64[Tensor, " point"]) -> float:
    """The greatest of the values minus the mean of the first and the last."""
    return float(values.max() - (values[0] + values[-1]) / 2)


@torch.no_grad()
def along(
    network_a: nn.Module,
    network_b: nn.Module,
    images: Float[Tensor, "image channel height width"],
    labels: Int64[Tensor, " image"],
    points: int = 21,
) -> Along:
    """Error and loss on the line; neither network changes.

    Raises Refusal for fewer than two points, and for networks of other names or shapes.
    """
    if points < 2:
        raise Refusal(f"points = {points}: a line has two ends")
    one, other = (dict(network.named_parameters()) for network in (network_a, network_b))
    if _shapes(one) != _shapes(other):
        raise Refusal("no line between networks of other names or shapes of weights")
    between, errors, losses = deepcopy(network_a), [], []
    there = dict(between.named_parameters())
    at = torch.linspace(0, 1, points, dtype=torch.float64)
    for share in at.tolist():
        for name, parameter in there.items():
            parameter.copy_(one[name] if one[name] is other[name] else (1 - share) * one[name] + share * other[name])
        renew(between, images)
        with in_eval_mode(between):
            outputs = between(images)
        errors.append(float((outputs.argmax(dim=1) != labels).double().mean()))
        losses.append(float(cross_entropy(outputs, labels)))
    return Along(at, *(torch.tensor(values, dtype=torch.float64) for values in (errors, losses)))


@torch.no_grad()
def renew(network: nn.Module, images: Float[Tensor, "image channel height width"]) -> None:
    """Take the statistics of its batch norms anew, from all of the images in one pass; nothing where it has none.

    Those of the ends are not those of a network between them (Jordan et al. 2023).
    """
    norms = [module for module in network.modules() if isinstance(module, _BatchNorm) and module.track_running_stats]
    if not norms:
        return
    with in_eval_mode(network):
        momenta = [norm.momentum for norm in norms]
        for norm in norms:
            norm.train()
            norm.momentum = 1.0
        network(images)
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum


def _shapes(parameters: Mapping[str, Tensor]) -> dict[str, torch.Size]:
    return {name: parameter.shape for name, parameter in parameters.items()}
