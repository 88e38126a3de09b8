"""Magnitude pruning: which weights of a network are left, and that those which are not stay zero."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import ceil

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from rotelab.models.initial import LAYERS, head

Masks = dict[str, Tensor]
"""By the names of weights, True where one is left."""
LEFT = "weight_left"
"""The buffer of a pruned layer; no part of what is kept of a network, whose zeros say the same."""


def weights(network: nn.Module) -> dict[str, Tensor]:
    """What can be pruned: the weights of linear and convolutional layers by their names, no biases."""
    return {
        f"{name}.weight" if name else "weight": layer.get_parameter("weight").detach()
        for name, layer in _layers(network)
    }


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


def prune(network: nn.Module, left: Mapping[str, Tensor]) -> None:
    """Set the other weights to zero; ``hold_after`` keeps them there."""
    for name, layer in _layers(network):
        layer.register_buffer(LEFT, left[f"{name}.weight" if name else "weight"].clone(), persistent=False)
    hold(network)


@torch.no_grad()
def hold(network: nn.Module) -> None:
    """Set what was pruned to zero, whatever a step has made of it."""
    for _, layer in _layers(network):
        if LEFT in layer._buffers:
            layer.get_parameter("weight").masked_fill_(~layer.get_buffer(LEFT), 0.0)


def hold_after(optimizer: Optimizer, networks: Callable[[], Sequence[nn.Module]]) -> None:
    """... after each step, whatever the optimizer remembers or decays, where any of these ``networks`` is pruned."""
    if any(LEFT in layer._buffers for network in networks() for _, layer in _layers(network)):

        def after(*_: object) -> None:
            for network in networks():
                hold(network)

        optimizer.register_step_post_hook(after)


def shares(network: nn.Module, share: float, head_share: float) -> dict[str, float]:
    """Of each weight's layer: that of the last one is another."""
    last = head(network)
    return {name: head_share if name in last else share for name in weights(network)}


def _layers(network: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    return ((name, layer) for name, layer in network.named_modules() if isinstance(layer, LAYERS))


def _without(weight: Tensor, left: Tensor, count: int) -> Tensor:
    """The mask without so many of the least weights of those that are left."""
    at = left.flatten().nonzero().flatten()
    order = weight.flatten()[at].abs().argsort(stable=True)
    mask = left.flatten().clone()
    mask[at[order[:count]]] = False
    return mask.view_as(left)
