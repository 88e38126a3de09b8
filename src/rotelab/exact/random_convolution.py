"""Section 5 (Zhang et al. 2017): a random convolutional layer, as a preprocessing of images for a linear kernel."""

import torch
from jaxtyping import Float64
from torch import Tensor
from torch.nn import functional

from rotelab.errors import Refusal

_CHUNK = 100  # images at a time, so that the maps before pooling stay small
_FLOOR = 0.05  # c, some quarter of a response's deviation on images from 0 to 1


def features(
    images: Float64[Tensor, "image channel height width"], filters: int, generator: torch.Generator, size: int = 5
) -> Float64[Tensor, "image feature"]:
    """A convolutional net of random ``filters`` (Zhang et al. 2017, section 5): 8 features a filter, never trained.

    Gaussian filters of ``size`` x ``size`` pixels and mean 0, at every second pixel; max(r - c, 0) and max(-r - c, 0)
    of each response r with a constant c of 0.05, and their averages over the four quarters of the image (Coates and Ng
    2012). The same generator gives the same filters. Raises ValueError for images too small for the filters.
    """
    channels, height, width = images.shape[1:]
    if min(height, width) <= size:
        raise Refusal(f"filters of {size}x{size} need larger images than {height}x{width}")
    bank = torch.randn(filters, channels, size, size, generator=generator, dtype=images.dtype)
    bank = (bank - bank.mean((1, 2, 3), keepdim=True)) / bank[0].numel() ** 0.5
    pooled = []
    for chunk in images.split(_CHUNK):
        response = functional.conv2d(chunk, bank, stride=2)
        both = torch.cat([(response - _FLOOR).relu_(), (-response - _FLOOR).relu_()], 1)
        pooled.append(functional.adaptive_avg_pool2d(both, 2).flatten(1))
    return torch.cat(pooled)
