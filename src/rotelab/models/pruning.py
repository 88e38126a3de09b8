"""Magnitude pruning: which weights of a network are left; those which are not are held at zero."""

from collections.abc import Mapping
from math import ceil

import torch
from torch import Tensor, nn

from rotelab.models.held import hold_others, layers
from rotelab.models.initial import head

Masks = dict[str, Tensor]
"""By the names of weights, True where one is left."""


def weights(network: nn.Module) -> dict[str, Tensor]:
    """What can be pruned: the weights of linear and convolutional layers by their names, no biases."""
    return {name: layer.get_parameter("weight").detach() for name, layer in layers(network)}


def nonzero(weights: Mapping[str, Tensor]) -> Masks:
    """What is left of a network that was pruned before."""
    return {name: weight != 0 for name, weight in weights.items()}


def by_layer(weights: Mapping[str, Tensor], left: Mapping[str, Tensor], shares: Mapping[str, float]) -> Masks:
    """Without the least of what is left in each layer, a share of it, rounded to a whole number (Frankle and Carbin
    2019, section 2). Of weights of equal size the first go."""
    return {name: _without(weights[name], left[name], round(shares[name] * int(left[name].sum()))) for name in left}


def globally(weights: Mapping[str, Tensor], left: Mapping[str, Tensor], share: float) -> Masks:
    """Without the least of what is left in all layers together, a share of it, rounded up (Frankle et al. 2020)."""
    names = list(left)
    weight, mask = (torch.cat([of[name].flatten() for name in names]) for of in (weights, left))
    goes = ceil(round(share * int(mask.sum()), 6))
    parts = _without(weight, mask, goes).split([left[name].numel() for name in names])
    return {name: part.view_as(left[name]) for name, part in zip(names, parts, strict=True)}


def greatest(weights: Mapping[str, Tensor], like: Mapping[str, Tensor]) -> Masks:
    """The greatest weights of each layer, as many as masks ``like`` these have there."""
    everything = {name: torch.ones_like(mask) for name, mask in like.items()}
    return {name: _without(weights[name], everything[name], int((~mask).sum())) for name, mask in like.items()}


def shuffled(values: Mapping[str, Tensor], generator: torch.Generator) -> dict[str, Tensor]:
    """The values of each tensor, in an order drawn anew: of masks, others with the same counts; of weights drawn each
    by itself, another draw."""
    return {
        name: value.flatten()[torch.randperm(value.numel(), generator=generator)].view_as(value)
        for name, value in values.items()
    }


@torch.no_grad()
def prune(network: nn.Module, left: Mapping[str, Tensor]) -> None:
    """Set the other weights to zero, and hold them there."""
    for name, layer in layers(network):
        layer.get_parameter("weight").masked_fill_(~left[name], 0.0)
    hold_others(network, left)


def shares(network: nn.Module, share: float, head_share: float) -> dict[str, float]:
    """Of each weight's layer: that of the last one is another."""
    last = head(network)
    return {name: head_share if name in last else share for name in weights(network)}


def _without(weight: Tensor, left: Tensor, count: int) -> Tensor:
    """The mask without so many of the least weights of those that are left."""
    at = left.flatten().nonzero().flatten()
    order = weight.flatten()[at].abs().argsort(stable=True)
    mask = left.flatten().clone()
    mask[at[order[:count]]] = False
    return mask.view_as(left)
