"""Section 2.2 (Zhang et al. 2017): the empirical side of the VC dimension: of how many points all labelings are fitted.

A labeling that isn't fitted says something about the training, and proves nothing about the networks.
"""

from collections.abc import Sequence
from itertools import product
from math import comb
from typing import NamedTuple

import torch
from jaxtyping import Float64
from torch import Tensor

from rotelab.errors import Refusal
from rotelab.exact.complexity import Model, fit, random_signs


class Shattering(NamedTuple):
    """How many of the labelings tried were fitted, and whether all 2^n were tried."""

    fitted: int
    tried: int
    complete: bool


def labelings(points: int, most: int, generator: torch.Generator) -> Float64[Tensor, "labeling point"]:
    """All 2^n labelings of so many points where there are no more than ``most``, else ``most`` random ones."""
    if points < 1 or most < 1:
        raise ValueError(f"it takes a point and a labeling at least, not {points} and {most}")
    if 2**points <= most:
        return torch.tensor(list(product((-1.0, 1.0), repeat=points)), dtype=torch.float64)
    return random_signs(most, points, generator)


def shatter(
    model: Model,
    images: Float64[Tensor, "image channel height width"],
    generator: torch.Generator,
    most: int = 64,
    starts: int = 3,
    iterations: int = 200,
) -> Shattering:
    """How many labelings of the images new networks are trained to fit, see ``fit``.

    Where all are tried and fitted, the images are shattered and the VC dimension is n at least. Where only ``most``
    were tried, at random, that all are fitted proves nothing: linear classifiers fit most labelings of 1.5 d points.
    """
    signs = labelings(len(images), most, generator)
    fitted = sum(fit(model, images, sigma, generator, starts, iterations) == 1 for sigma in signs)
    return Shattering(fitted, len(signs), 2 ** len(images) <= most)


def largest_shattered(
    model: Model,
    images: Float64[Tensor, "image channel height width"],
    sizes: Sequence[int],
    generator: torch.Generator,
    most: int = 64,
    starts: int = 3,
    iterations: int = 200,
) -> int:
    """The greatest n of ``sizes`` for which all labelings tried of the first n images are fitted; 0 for none.

    A lower bound of the VC dimension where 2^n <= ``most``, and else a hint at it. Sizes after the first that fails
    aren't tried. Raises ValueError for sizes beyond the images.
    """
    if max(sizes) > len(images):
        raise Refusal(f"there are {len(images)} images, not {max(sizes)}")
    largest = 0
    for size in sorted(sizes):
        fitted, tried, _ = shatter(model, images[:size], generator, most, starts, iterations)
        if fitted < tried:
            break
        largest = size
    return largest


def separable_share(points: int, dimensions: int) -> float:
    """Cover's (1965) count: the share of the 2^n labelings of n points that a linear classifier with bias can fit.

    2^(1-n) sum_{k=0}^{d} C(n-1, k), for points in general position in d dimensions: 1 up to the VC dimension d + 1,
    and 1/2 at 2 (d + 1) points.
    """
    return sum(comb(points - 1, k) for k in range(dimensions + 1)) / 2 ** (points - 1)
