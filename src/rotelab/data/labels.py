"""Corruptions of the labels: pure functions of a split's labels and a generator, drawn once and fixed for good."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Int64
from torch import Generator, Tensor

from rotelab.randomness import stream

Labels = Int64[Tensor, " image"]


def clean(labels: Labels, classes: int, generator: Generator) -> Labels:
    """The labels as they are."""
    return labels


def corrupted(labels: Labels, classes: int, generator: Generator, fraction: float, among: str = "all") -> Labels:
    """Each label, with probability ``fraction``, becomes a class drawn uniformly (Zhang et al. 2017, section 2.1).

    ``among``: ``all`` classes, as in the paper, so that of ten classes ``0.9 fraction`` of the labels really change;
    or the ``wrong`` ones only, so that ``fraction`` of them do.
    """
    if among not in ("all", "wrong"):
        raise ValueError(f"among = {among!r} is neither 'all' nor 'wrong'")
    chosen = _chosen(labels, generator, fraction)
    if among == "all":
        drawn = torch.randint(classes, labels.shape, generator=generator)
    else:  # one of the classes - 1 steps around the circle of classes that do not end where they began
        drawn = (labels + torch.randint(1, classes, labels.shape, generator=generator)) % classes
    return torch.where(chosen, drawn, labels)


def permuted(labels: Labels, classes: int, generator: Generator, fraction: float = 1.0) -> Labels:
    """Labels change places within a random ``fraction`` of the images: every class keeps its count."""
    chosen = _chosen(labels, generator, fraction).nonzero().flatten()
    made = labels.clone()
    made[chosen] = labels[chosen[torch.randperm(len(chosen), generator=generator)]]
    return made


def _chosen(labels: Tensor, generator: Generator, fraction: float) -> Tensor:
    if not 0 <= fraction <= 1:
        raise ValueError(f"fraction = {fraction} is not in [0, 1]")
    return torch.rand(labels.shape, generator=generator) < fraction


Relabel = Callable[..., Tensor]
"""``(labels, classes, split, *purpose) -> labels``"""


@dataclass(frozen=True)
class Corruption:
    """A function ``(labels, classes, generator) -> labels`` with its seed, for some ``splits``; others keep theirs.

    What is drawn depends on the seed, the split and the ``purpose`` that labels besides the split's have.
    """

    function: Callable[[Tensor, int, Generator], Tensor] = clean
    seed: int = 0
    splits: Sequence[str] = ()

    def __call__(self, labels: Labels, classes: int, split: str, *purpose: str) -> Labels:
        if split not in self.splits:
            return labels
        return self.function(labels, classes, stream("labels", self.seed, split, *purpose))
