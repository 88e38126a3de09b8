"""The largest sensible sizes for a source: halves of what there is, and batches of a tenth of one."""

from typing import NamedTuple

import torch
from jaxtyping import Int64
from torch import Tensor

from rotelab.data.dividing import divided
from rotelab.data.parts import Source
from rotelab.errors import InputError
from rotelab.randomness import stream

BATCHES = 10
"""In an epoch, at least, where there are images enough."""
LEAST, MOST = 8, 512
"""Images of a batch."""


class Sizes(NamedTuple):
    """``data.size``, images of the train split and of the pseudo-test split, and ``data.batch_size``."""

    size: int
    batch_size: int


def largest(source: Source, order_seed: int = 0, pairs: str = "as_ordered", order: str = "shuffled") -> Sizes:
    """Those with which ``data/split=halves`` works: half of the train part, or as many as leave, of each class, as many
    again (``pairs="balanced"``). Raises InputError for a source of fewer than four images, or where no pair is left."""
    parts = divided(source.parts, {"train", "test"}, order_seed, source.classes)
    labels = parts["train" if "train" in parts else next(iter(parts))].labels
    if order == "shuffled":
        labels = labels[torch.randperm(len(labels), generator=stream("order", order_seed, "train"))]
    size = len(labels) // 2
    if pairs == "balanced":
        size = min(size, _pairable(labels))
    if size < 2:
        raise InputError(f"{len(labels)} train images are too few for two halves")
    return Sizes(size, batch_of(size))


def batch_of(size: int) -> int:
    """A power of two, ``LEAST`` to ``MOST``: the largest that leaves ``BATCHES`` in an epoch; at most what there is."""
    fitting = max(LEAST, size // BATCHES)
    return min(MOST, size, 1 << (fitting.bit_length() - 1))


def _pairable(labels: Int64[Tensor, " image"]) -> int:
    """How many of the first images have, each, another of their class among the rest."""
    seen = torch.nn.functional.one_hot(labels).cumsum(0)
    fits = (2 * seen <= seen[-1]).all(1)
    return int(fits.cumprod(0).sum())
