"""Hidden units have no order: the one of a network in which its weights are nearest to another's."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise

import torch
from jaxtyping import Float, Int64
from scipy.optimize import linear_sum_assignment
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from rotelab.errors import Refusal
from rotelab.models.initial import LAYERS

ORDERLESS = (
    *(nn.ReLU, nn.Dropout, nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.Flatten, nn.Softmax, nn.Identity),
)
"""What treats all units alike."""
ENOUGH = 100
"""Rounds over the layers, after which it ends whatever comes."""


@dataclass(frozen=True)
class Hidden:
    """Units of a layer: the tensors whose first dimension they are, running statistics among them, and the weight of
    the next layer, of which each unit has so many columns in a row."""

    own: Sequence[Tensor]
    trained: Sequence[Tensor]
    after: Tensor

    @property
    def units(self) -> int:
        return len(self.own[0])

    def columns(self) -> Float[Tensor, "unit _"]:
        """Of the next weight, by unit."""
        return self.after.unflatten(1, (self.units, -1)).transpose(0, 1).flatten(1)

    def permute(self, order: Int64[Tensor, " unit"]) -> None:
        """Unit i becomes what unit ``order[i]`` was."""
        for tensor in self.own:
            tensor.copy_(tensor[order].clone())
        self.after.copy_(self.after.unflatten(1, (self.units, -1))[:, order].flatten(1, 2))


@torch.no_grad()
def matched(network_a: nn.Module, network_b: nn.Module) -> tuple[nn.Module, list[Int64[Tensor, " unit"]]]:
    """A copy of B with its hidden units in the order that makes ``sum over weights of <A, B>`` greatest, and the orders
    of its layers: unit i of the copy is unit ``order[i]`` of B. It computes what B does.

    One hidden layer: a linear assignment, exact. More: one after another with the others as they are, until none gets
    better (Ainsworth, Hayase and Srinivasa 2023, Algorithm 1), which need not be the best.
    Raises Refusal for networks that are no chain of layers, or of other sizes.
    """
    copy = deepcopy(network_b)
    ours, theirs = hidden(network_a), hidden(copy)
    if [layer.units for layer in ours] != [layer.units for layer in theirs]:
        raise Refusal("no matching of networks with other numbers of units")
    orders = [torch.arange(layer.units) for layer in theirs]
    for _ in range(ENOUGH):
        better = False
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            profit = _profit(one, other).cpu().double()
            order = torch.from_numpy(linear_sum_assignment(profit.numpy(), maximize=True)[1])
            gain = profit[torch.arange(len(order)), order].sum() - profit.diagonal().sum()
            if gain > 1e-9 * profit.abs().max():
                other.permute(order.to(other.after.device))
                orders[number] = orders[number][order]
                better = True
        if not better:
            break
    return copy, orders


def _profit(one: Hidden, other: Hidden) -> Float[Tensor, "unit unit"]:
    """Of each unit of the one, and each of the other, ``<A, B>`` of their weights."""
    pairs = [*zip(one.trained, other.trained, strict=True), (one.columns(), other.columns())]
    return sum((a.flatten(1) @ b.flatten(1).T if a.dim() > 1 else a.outer(b) for a, b in pairs), torch.zeros(()))


def hidden(network: nn.Module) -> list[Hidden]:
    """The hidden layers of a chain, in order, as views of its tensors."""
    chain = list(_leaves(network))
    layers = [place for place, module in enumerate(chain) if isinstance(module, LAYERS)]
    found = []
    for place, following in pairwise(layers):
        owners = [chain[place], *(module for module in chain[place:following] if isinstance(module, _BatchNorm))]
        trained = [parameter.data for module in owners for parameter in module.parameters()]
        statistics = [buffer for module in owners for buffer in module.buffers() if buffer.dim()]
        found.append(Hidden([*trained, *statistics], trained, chain[following].get_parameter("weight").data))
    return found


def _leaves(network: nn.Module) -> Iterator[nn.Module]:
    if type(network) is nn.Sequential:
        for part in network:
            yield from _leaves(part)
        return
    grouped = isinstance(network, nn.Conv2d) and network.groups > 1
    if grouped or not isinstance(network, (*LAYERS, _BatchNorm, *ORDERLESS)):
        raise Refusal(f"no matching of the units of {type(network).__name__}: only layers one after another")
    yield network
