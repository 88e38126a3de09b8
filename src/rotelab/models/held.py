"""Single weights that no step may move: what was pruned stays zero, what is frozen as it began."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from rotelab.errors import Refusal
from rotelab.models.initial import LAYERS

FREE, VALUE = "weight_free", "weight_held"
"""Buffers of a layer of which some weights are held: True where one is not, and what the others are held at. No part of
what is kept of a network, whose weights say the same."""


def layers(network: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Linear and convolutional layers, by the names of their weights."""
    for name, layer in network.named_modules():
        if isinstance(layer, LAYERS):
            yield f"{name}.weight" if name else "weight", layer


def hold_others(network: nn.Module, free: Mapping[str, Tensor]) -> None:
    """Hold all weights of the named ones that are not ``free`` (a mask of each) at what they are now. Raises Refusal
    where some are held already."""
    for name, layer in layers(network):
        if FREE in layer._buffers:
            raise Refusal("of this network weights are held already: it is pruned, or trained in part")
        if name in free:
            layer.register_buffer(FREE, free[name].clone(), persistent=False)
            layer.register_buffer(VALUE, layer.get_parameter("weight").detach().clone(), persistent=False)


@torch.no_grad()
def put_back(network: nn.Module) -> None:
    """Set what is held to its values, whatever a step has made of it."""
    for layer in _held(network):
        weight = layer.get_parameter("weight")
        torch.where(layer.get_buffer(FREE), weight, layer.get_buffer(VALUE), out=weight)


def hold_after(optimizer: Optimizer, networks: Callable[[], Sequence[nn.Module]]) -> None:
    """... after each step, whatever the optimizer remembers or decays, where any of these ``networks`` has some."""
    if any(True for network in networks() for _ in _held(network)):

        def after(*_: object) -> None:
            for network in networks():
                put_back(network)

        optimizer.register_step_post_hook(after)


def _held(network: nn.Module) -> Iterator[nn.Module]:
    return (layer for _, layer in layers(network) if FREE in layer._buffers)
