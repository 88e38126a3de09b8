"""What can be said without a network: images that are dark, of one colour, of an odd size; classes of few images."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy
import torch
from jaxtyping import Bool, UInt8
from torch import Tensor

from rotelab.audit.images import Images

FEW_IMAGES = 20
"""Of a class: below that what is measured of it says little."""
COMMON = 0.2
"""Of all images: a property of so many is one of the set, and no fault."""


@dataclass(frozen=True)
class Odd:
    """A property, what it means, and the images that have it."""

    name: str
    meaning: str
    which: Bool[numpy.ndarray, " image"]

    @property
    def common(self) -> bool:
        return bool(self.which.mean() > COMMON)


def odd(images: Images) -> list[Odd]:
    """Every property that some image has."""
    height, width = images.sizes.T.astype(float)
    area, shape = height * width, width / height
    usual = [numpy.median(values) for values in (area, shape)]
    levels = images.pixels.flatten(1).float() / 255
    deviation, mean = (values.numpy() for values in torch.std_mean(levels, dim=1))
    found = [
        Odd("nearly one colour", "the deviation of its grey levels is below 2 % of their range", deviation < 0.02),
        Odd("dark", "its mean grey level is below 8 % of white", (mean < 0.08) & (deviation >= 0.02)),
        Odd("bright", "its mean grey level is above 95 % of white", (mean > 0.95) & (deviation >= 0.02)),
        Odd(
            "few colours",
            "eight colours at most, of eight shades of each of red, green, blue",
            _colours(images.pixels) <= 8,
        ),
        Odd("much smaller", "less than a quarter of the median number of pixels", area < usual[0] / 4),
        Odd("much larger", "more than four times the median number of pixels", area > usual[0] * 4),
        Odd("odd shape", "width over height is half, or twice, the median", abs(numpy.log2(shape / usual[1])) >= 1),
    ]
    return [each for each in found if each.which.any()]


def _colours(pixels: UInt8[Tensor, "image channel height width"]) -> numpy.ndarray:
    """How many each image has, in eight steps a channel."""
    steps = (pixels >> 5).long()
    code = sum(steps[:, channel] * 8**channel for channel in range(pixels.shape[1]))
    ordered = code.flatten(1).sort(dim=1).values
    return (1 + (ordered.diff(dim=1) != 0).sum(dim=1)).numpy()


def small_classes(images: Images) -> Mapping[str, Mapping[str, int]]:
    """Class -> part -> its images, of classes that have few in some part, or none."""
    counts = {
        name: dict(zip(images.parts, of.tolist(), strict=True))
        for name, of in zip(images.classes, images.counts.T, strict=True)
    }
    return {name: of for name, of in counts.items() if min(of.values()) < FEW_IMAGES}
