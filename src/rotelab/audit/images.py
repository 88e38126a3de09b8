"""All images that an audit looks at, of whatever part, in memory, and what is known of each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy
import torch
from jaxtyping import Float32, Int64, UInt8
from torch import Tensor
from torch.nn.functional import interpolate

from rotelab.data import memory, part_names
from rotelab.data.dividing import drawn
from rotelab.data.parts import Part, Source
from rotelab.errors import InputError
from rotelab.plurals import plural

TEST = "test"
"""The part that a network is tested on."""


@dataclass(frozen=True)
class Images:
    """Grey levels 0 to 255 and labels, numbers of ``classes``; of each image the number of its part among ``parts``,
    its ``file`` and the (height, width) that it lies in there.

    ``divided``: the source had no test part, and one was drawn. ``skipped`` are files that can't be decoded; ``said``
    is what else was found there.
    """

    pixels: UInt8[Tensor, "image channel height width"]
    labels: Int64[Tensor, " image"]
    part: Int64[Tensor, " image"]
    parts: tuple[str, ...]
    files: Sequence[str]
    sizes: Int64[numpy.ndarray, "image 2"]
    classes: tuple[str, ...]
    divided: bool = False
    skipped: tuple[str, ...] = ()
    said: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def tested(self) -> Tensor:
        """Which images are of the part that networks are tested on."""
        return self.part == self.parts.index(TEST)

    @property
    def counts(self) -> Int64[Tensor, "part class"]:
        """Images of each class in each part."""
        flat = torch.bincount(
            self.part * len(self.classes) + self.labels, minlength=len(self.parts) * len(self.classes)
        )
        return flat.view(len(self.parts), len(self.classes))

    @property
    def chance(self) -> float:
        """The accuracy of a guess: 1 / classes."""
        return 1 / len(self.classes)


def read(source: Source) -> Images:
    """All images of a source. One that is not divided gets a test part of a fifth of each class, always the same.

    Raises InputError where there are fewer than two classes or eight images, or one can't be decoded, and RunError
    where they don't fit into memory.
    """
    named = {id(part): name for name, part in source.parts.items()} | {
        id(part): name for name, part in source.parts.items() if name in ("train", TEST)
    }
    parts = {named[id(part)]: part for part in source.parts.values()}
    count = sum(len(part.labels) for part in parts.values())
    if count < 8 or len(source.classes) < 2:
        raise InputError(
            f"{plural(count, 'image')} of {plural(len(source.classes), 'class')}: "
            "an audit needs eight images and two classes"
        )
    shape = next(iter(parts.values())).images.shape[1:]
    memory.check(count * int(numpy.prod(shape)) * (1 + 2 * 4), f"{count:,} images")
    labels = torch.cat([part.labels for part in parts.values()])
    number = torch.cat([torch.full((len(part.labels),), place) for place, part in enumerate(parts.values())])
    names = tuple(parts)
    if divided := TEST not in parts:
        number[drawn(labels, 0, len(source.classes))] = len(names)
        names = (*(("train",) if names == (part_names.WHOLE,) else names), TEST)
    source.check()
    return Images(
        torch.cat([_pixels(part) for part in parts.values()]),
        labels,
        number,
        names,
        [part.name(index) for part in parts.values() for index in range(len(part.labels))],
        numpy.array([_size(part, index) for part in parts.values() for index in range(len(part.labels))]),
        source.classes,
        divided,
        source.skipped,
        source.said,
    )


def _pixels(part: Part) -> UInt8[Tensor, "image channel height width"]:
    part.keep(torch.arange(len(part.labels)))
    return torch.stack([part.images[index] for index in range(len(part.labels))])


def _size(part: Part, index: int) -> tuple[int, ...]:
    return part.size(index) if part.size else tuple(part.images.shape[2:])


def at_most(pixels: UInt8[Tensor, "image channel height width"], side: int) -> Float32[Tensor, "image channel _ _"]:
    """In [0, 1], made smaller where a side is longer than that, each pixel the mean of those that it stands for."""
    images = pixels.float() / 255
    size = [min(side, length) for length in pixels.shape[2:]]
    return images if size == list(pixels.shape[2:]) else interpolate(images, size, mode="area")


def standardized(images: Float32[Tensor, "image channel height width"]) -> Float32[Tensor, "image _ _ _"]:
    """Each channel with mean 0 and deviation 1 over all images."""
    deviation, mean = torch.std_mean(images, dim=(0, 2, 3), keepdim=True)
    return (images - mean) / deviation.clamp_min(1e-6)
