"""Parts that slices ask for and a source of one part lacks: ``all`` of it, or a train and a test part drawn from it."""

from collections.abc import Mapping, Sequence, Set
from typing import final

import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from rotelab.data import part_names
from rotelab.data.parts import Images, Part
from rotelab.data.stored import share
from rotelab.errors import InputError
from rotelab.randomness import stream


def divided(parts: Mapping[str, Part], wanted: Set[str], seed: int, classes: Sequence[str]) -> Mapping[str, Part]:
    """``parts`` with those that are ``wanted``, as far as they can be had of a single one.

    ``all``, or ``train`` without ``test``, is the whole; with ``test``, that is a fifth of each class, drawn by
    ``seed``, and ``train`` is the rest, both in the order of the whole. What there is keeps its meaning where nothing
    is lacking. Raises InputError where a class has one image alone.
    """
    whole = next(iter(parts.values()))
    if wanted <= parts.keys() or any(part is not whole for part in parts.values()):
        return parts
    if wanted in ({part_names.WHOLE}, {"train"}):
        return {**parts, **dict.fromkeys(wanted, whole)}
    if not wanted <= {"train", "test"}:
        return parts
    counts = torch.bincount(whole.labels, minlength=len(classes))
    if (single := (counts == 1).nonzero()).numel():
        raise InputError(f"a test part can't be drawn: class {classes[int(single[0])]!r} has one image alone")
    test = drawn(whole.labels, seed, len(classes))
    train = torch.ones(len(whole.labels), dtype=torch.bool)
    train[test] = False
    return {"train": _chosen(whole, train.nonzero().flatten()), "test": _chosen(whole, test)}


def drawn(labels: Int64[Tensor, " image"], seed: int, classes: int) -> Int64[Tensor, " chosen"]:
    """The numbers of the images of a test part: a fifth of each class, none of a class that has one image alone."""
    draw = stream("test part", seed)
    chosen = []
    for label in range(classes):
        images = (labels == label).nonzero().flatten()
        chosen.append(images[torch.randperm(len(images), generator=draw)[: share(len(images))]])
    return torch.cat(chosen).sort().values


def _chosen(part: Part, numbers: Int64[Tensor, " chosen"]) -> Part:
    def keep(chosen: Int64[Tensor, " _"]) -> None:
        part.keep(numbers[chosen])

    return Part(Some(part.images, numbers), part.labels[numbers], keep, part.streamed)


@final
class Some:
    """Those images of a part that have these numbers."""

    def __init__(self, images: Images, numbers: Int64[Tensor, " chosen"]) -> None:
        self.images, self.numbers = images, numbers
        self.shape = (len(numbers), *images.shape[1:])
        """(images, channels, height, width)"""

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: int) -> UInt8[Tensor, "channel height width"]:
        return self.images[int(self.numbers[index])]
