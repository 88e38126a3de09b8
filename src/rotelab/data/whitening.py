"""ZCA whitening: images whose values are uncorrelated and of about one variance, and that still look like images."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Float32
from torch import Tensor
from torch.nn.functional import pad

from rotelab.errors import InputError

AT_ONCE = 64
"""Images of a block."""
MOST = 4096
"""The most values of an image: the covariance has as many rows, and its eigenvectors take the cube of that."""


@dataclass(frozen=True)
class Whitening:
    """``(x - mean) matrix`` of each image's values in a row."""

    mean: Float32[Tensor, " value"]
    matrix: Float32[Tensor, "value value"]

    def __call__(self, images: Float[Tensor, "image channel height width"]) -> Float32[Tensor, "image _ _ _"]:
        """In float64 and blocks of one size, so that an image's bits do not depend on those beside it."""
        mean, matrix = (part.to(images.device).double() for part in (self.mean, self.matrix))
        white = torch.empty_like(images, dtype=torch.float32, memory_format=torch.contiguous_format)
        for block, into in zip(images.split(AT_ONCE), white.split(AT_ONCE), strict=True):
            rows = pad(block.flatten(1).double() - mean, (0, 0, 0, AT_ONCE - len(block)))
            into.copy_((rows @ matrix)[: len(block)].view_as(block))
        return white


def zca(blocks: Iterable[Float[Tensor, "_ channel height width"]], floor: float) -> Whitening:
    """``W = V (D + floor mean(D))^(-1/2) V^T`` with ``V D V^T`` the covariance of the images of all ``blocks``, and
    their mean (Bell and Sejnowski 1997; Krizhevsky 2009, App. A, with a floor).

    ``floor`` is greater than 0: directions of far less variance than the mean one stay small, for they are noise. In
    float64. Raises InputError for images of more than 4,096 values, or that are all the same.
    """
    count, total, products = 0, torch.zeros(()), torch.zeros(())
    for block in blocks:
        if (values := block[0].numel()) > MOST:
            shape = "x".join(map(str, block.shape[1:]))
            raise InputError(f"data.whiten: {shape} are {values} values an image, and at most {MOST} can be whitened")
        rows = block.flatten(1).cpu().double()
        count, total, products = count + len(rows), total + rows.sum(0), products + rows.T @ rows
    mean = total / count
    variances, directions = torch.linalg.eigh(products / count - mean.outer(mean))
    variances = variances.clamp_min(0)
    if variances.max() <= torch.finfo(torch.float32).eps ** 2:
        raise InputError("data.whiten: the images of both halves are all the same")
    scales = (variances + floor * variances.mean()).rsqrt()
    return Whitening(mean.float(), ((directions * scales) @ directions.T).float())
