"""Halves of a set: of which one is learned while the other is held out, or unlearned."""

import torch
from jaxtyping import Int64
from torch import Generator, Tensor

Numbers = Int64[Tensor, " chosen"]


def swapped(labels: Int64[Tensor, " image"], generator: Generator) -> tuple[Numbers, Numbers]:
    """Two halves of one size, with as equal a share of each class as there can be: each image is in one of them; where
    their number is odd, the last is in both."""
    order = torch.randperm(len(labels), generator=generator)
    order = order[labels[order].argsort(stable=True)]
    order = torch.cat([order, order[-1:]]) if len(order) % 2 else order
    return order[::2].sort().values, order[1::2].sort().values


def paired(labels: Int64[Tensor, " image"], size: int, generator: Generator) -> tuple[Numbers, Numbers]:
    """At most ``size`` images and as many others: image i of the one and of the other are of one class."""
    order = torch.randperm(len(labels), generator=generator)
    order = order[labels[order].argsort(stable=True)]
    within = labels[order]
    start = torch.searchsorted(within, within)
    rank = torch.arange(len(order)) - start
    count = torch.bincount(labels)[within]
    first = order[(rank % 2 == 0) & (rank + 1 < count)]
    second = order[rank % 2 == 1]
    chosen = torch.randperm(len(first), generator=generator)[:size]
    return first[chosen], second[chosen]
