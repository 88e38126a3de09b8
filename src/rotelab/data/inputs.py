"""Corruptions of the inputs: pure functions of images in [0, 1] and a generator, drawn once and fixed for good."""

import torch
from jaxtyping import Float
from torch import Generator, Tensor


def clean(
    images: Float[Tensor, "image channel height width"], generator: Generator
) -> Float[Tensor, "image channel height width"]:
    """The images as they are."""
    return images


def gaussian_blend(
    images: Float[Tensor, "image channel height width"], generator: Generator, noise: float
) -> Float[Tensor, "image channel height width"]:
    """``x (1 - noise) + (randn / 3 + 0.5) noise`` (Badger, Fig. 2): at 1 nothing of the image is left.

    Not clipped, as in the paper: 13 % of the values of pure noise lie outside [0, 1].
    """
    if not 0 <= noise <= 1:
        raise ValueError(f"noise = {noise} is not in [0, 1]")
    drawn = torch.randn(images.shape, generator=generator).div_(3).add_(0.5)
    return images * (1 - noise) + drawn * noise
