"""Corruptions of the inputs: pure functions of an image in [0, 1] and of what it may draw; fixed for good.

What an image draws depends on the seed, the part of the source that it is from and its number there, and on nothing
else: the same numbers whatever the split, the batch, the epoch and the process that asks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

import torch
from jaxtyping import Float, Num
from torch import Generator, Tensor
from torchvision.transforms.v2.functional import gaussian_blur

from rotelab.errors import check_one_of
from rotelab.randomness import stream, wide_stream

Image = Float[Tensor, "channel height width"]
Moments = tuple[Float[Tensor, " channel"], Float[Tensor, " channel"]]
"""Mean and standard deviation of each channel over all pixels of the train split."""


@dataclass(frozen=True)
class Draw:
    """The random numbers of one image: ``own`` are its own, ``shared`` those that every image gets alike."""

    seed: int
    part: str
    index: int
    moments: Callable[[], Moments]
    """Of the uncorrupted train split; asked for by ``gaussian`` alone, for on a disk they cost a pass over it."""
    seed_bits: int = 32
    """How many tell the streams of two images apart: 32, or 64."""

    def own(self) -> Generator:
        made = wide_stream if self.seed_bits == 64 else stream
        return made("inputs", self.seed, self.part, self.index)

    def shared(self) -> Generator:
        return stream("inputs", self.seed)


def clean(image: Image, draw: Draw) -> Image:
    """The image as it is."""
    return image


def gaussian_blend(image: Image, draw: Draw, noise: float) -> Image:
    """``x (1 - noise) + (randn / 3 + 0.5) noise`` (Badger, Fig. 2): at 1 nothing of the image is left.

    Not clipped, as in the paper: 13 % of the values of pure noise lie outside [0, 1].
    """
    if not 0 <= noise <= 1:
        raise ValueError(f"noise = {noise} is not in [0, 1]")
    drawn = torch.randn(image.shape, generator=draw.own()).div_(3).add_(0.5)
    return image * (1 - noise) + drawn * noise


def translated(image: Image, draw: Draw, pixels: int) -> Image:
    """The image moved ``down`` and ``right``, both drawn from -``pixels``, ..., ``pixels``, by numbers of its own: what
    it shows stands at another place in each image."""
    if pixels < 0:
        raise ValueError(f"pixels = {pixels} is less than 0")
    down, right = torch.randint(-pixels, pixels + 1, (2,), generator=draw.own()).tolist()
    return shifted(image, down, right)


def shifted(images: Num[Tensor, "*some height width"], down: int, right: int) -> Num[Tensor, "*some height width"]:
    """``y[i, j] = x[i - down, j - right]``, with the pixels of the edge for those that lie outside."""
    height, width = images.shape[-2:]
    rows = (torch.arange(height, device=images.device) - down).clamp(0, height - 1)
    columns = (torch.arange(width, device=images.device) - right).clamp(0, width - 1)
    return images[..., rows[:, None], columns]


def blurred(image: Image, draw: Draw, sigma: float) -> Image:
    """A Gaussian blur of ``sigma`` pixels, over three of them to each side, or as far as the image goes; it draws
    nothing. 0 is the image."""
    if not sigma >= 0:
        raise ValueError(f"sigma = {sigma} is below 0")
    if not sigma:
        return image
    kernel = [2 * min(ceil(3 * sigma), side - 1) + 1 for side in image.shape[:0:-1]]
    return gaussian_blur(image, kernel, [sigma, sigma])


def shuffled_pixels(image: Image, draw: Draw, channels: str = "tied") -> Image:
    """One permutation of the pixels for all images of all splits (Zhang et al. 2017, section 2).

    ``channels``: ``tied``, a pixel's channels move together; ``free``, all values of an image are permuted.
    """
    return _permuted(image, draw.shared(), channels)


def random_pixels(image: Image, draw: Draw, channels: str = "tied") -> Image:
    """A permutation of the pixels for each image (Zhang et al. 2017, section 2); ``channels`` as above."""
    return _permuted(image, draw.own(), channels)


def gaussian(image: Image, draw: Draw, moments: str = "channel", channels: str = "free") -> Image:
    """Gaussian noise with the mean and deviation of the train split (Zhang et al. 2017, section 2); not clipped.

    ``moments``: those of each ``channel``, or one pair of ``all`` values. ``channels``: ``free``, every value is drawn;
    ``tied``, one number a pixel, which all its channels share.
    """
    check_one_of("channels", channels, "tied", "free")
    check_one_of("moments", moments, "channel", "all")
    mean, deviation = draw.moments()
    if moments == "all":  # the variance of a mixture: within the channels, and between them
        deviation = (deviation.square().mean() + mean.var(correction=0)).sqrt().expand_as(deviation)
        mean = mean.mean().expand_as(mean)
    count, *sides = image.shape
    drawn = torch.randn((count if channels == "free" else 1, *sides), generator=draw.own())
    return drawn * deviation[:, None, None] + mean[:, None, None]


def _permuted(image: Tensor, generator: Generator, channels: str) -> Tensor:
    check_one_of("channels", channels, "tied", "free")
    values = image.flatten(1) if channels == "tied" else image.reshape(1, -1)
    order = torch.randperm(values.shape[1], generator=generator)
    return values[:, order].reshape(image.shape)


Corrupt = Callable[[Tensor, str, str, int, Callable[[], Moments]], Tensor]
"""``(image, split, part, index, moments) -> image``"""


@dataclass(frozen=True)
class Corruption:
    """A function ``(image, draw) -> image`` with its seed, for some ``splits``; images of others stay as they are."""

    function: Callable[[Tensor, Draw], Tensor] = clean
    seed: int = 0
    splits: Sequence[str] = ()
    seed_bits: int = 32

    def __call__(self, image: Image, split: str, part: str, index: int, moments: Callable[[], Moments]) -> Image:
        if split not in self.splits:
            return image
        return self.function(image, Draw(self.seed, part, index, moments, self.seed_bits))


@dataclass(frozen=True)
class Chain:
    """``first``, then ``then``: corruptions compose. Give them different seeds where both draw."""

    first: Corrupt
    then: Corrupt

    def __call__(self, image: Image, split: str, part: str, index: int, moments: Callable[[], Moments]) -> Image:
        return self.then(self.first(image, split, part, index, moments), split, part, index, moments)
