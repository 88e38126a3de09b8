"""Norms of the weights of a convolution or a linear layer, as a matrix or as the map of images that it is."""

from math import ceil

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rotelab.errors import Refusal
from rotelab.measures.folding import Folded

AT_ONCE = 2**22
"""Complex numbers of transforms that are in memory at once."""


def spectral(weight: Float[Tensor, "out ..."]) -> float:
    """The largest singular value of the (out, in k k) matrix: of a linear layer its norm as a map, of a convolution
    what public code and torch's ``spectral_norm`` use, which is at most the operator's."""
    matrix = weight.flatten(1)
    short = matrix if len(matrix) <= matrix.shape[1] else matrix.mT
    return _root_of_largest(short @ short.mT)


def operator(
    weight: Float[Tensor, "out in high wide"], sides: tuple[int, int], stride: tuple[int, int] = (1, 1)
) -> float:
    """The largest singular value of a convolution as a map of images of these ``sides``, with circular padding: of all
    frequencies' (out, in) matrices, the largest (Sedghi, Gupta and Long 2019, "The Singular Values of Convolutional
    Layers", Theorem 6).

    A ``stride`` s takes every s-th place, where frequencies that are 1/s apart fall together: ``H H*`` is their mean.
    Sides that it does not divide are rounded up. A kernel that is larger than the images winds around them.
    """
    outputs, inputs, high, wide = weight.shape
    if stride == (1, 1) and outputs > inputs:
        weight = weight.transpose(0, 1)  # as large, and a smaller H H*
    rows, columns = (ceil(side / step) for side, step in zip(sides, stride, strict=True))
    vertical = _waves(rows, stride[0], high)
    horizontal = _waves(columns, stride[1], wide)[: columns // 2 + 1]  # the others are complex conjugates
    places = [(row, column) for row in range(len(vertical)) for column in range(len(horizontal))]
    aliases, kernel = stride[0] * stride[1], weight.flatten(2).to(torch.complex128)
    largest = 0.0
    for part in torch.tensor(places).split(max(1, AT_ONCE // (outputs * inputs * aliases))):
        waves = vertical[part[:, 0], :, None, :, None] * horizontal[part[:, 1], None, :, None, :]
        found = torch.einsum("oik,fak->faoi", kernel, waves.flatten(3).flatten(1, 2))
        largest = max(largest, _root_of_largest((found @ found.mH).mean(1)))
    return largest


def _waves(frequencies: int, stride: int, size: int) -> Tensor:
    """``exp(-2 pi i f k / n)`` of n = ``frequencies * stride`` by f mod ``frequencies``, the alias, and k."""
    f = torch.arange(frequencies)[:, None] + frequencies * torch.arange(stride)
    angle = 2 * torch.pi * f[..., None].double() * torch.arange(size) / (frequencies * stride)
    return torch.polar(torch.ones_like(angle), -angle)


def _root_of_largest(squares: Float[Tensor, "*several n n"] | Tensor) -> float:
    if not squares.isfinite().all():
        return float("nan")
    return float(torch.linalg.eigvalsh(squares)[..., -1].max().clamp_min(0).sqrt())


def spectral_norms(folded: Folded, weights: dict[str, Tensor], as_operator: bool) -> Float[Tensor, " layer"]:
    """Of each layer with these ``weights``: the matrix's, or the operator's of a convolution."""

    def norm(name: str, weight: Tensor) -> float:
        layer = folded.layers[name]
        if not as_operator or not isinstance(layer, nn.Conv2d):
            return spectral(weight)
        if name not in folded.sides:
            raise Refusal(f"{name} (Conv2d) gets no images in a pass: its operator has no size")
        if layer.dilation != (1, 1):
            raise Refusal(f"{name} (Conv2d) has a dilation: its operator's norm is not known here")
        return operator(weight, folded.sides[name], (layer.stride[0], layer.stride[1]))

    return torch.tensor([norm(name, weight) for name, weight in weights.items()], dtype=torch.float64)


def frobenius_norms(weights: dict[str, Tensor]) -> Float[Tensor, " layer"]:
    """The root of the sum of squares of each layer."""
    return torch.stack([weight.norm() for weight in weights.values()])


def group_norm(weight: Float[Tensor, "out ..."], p: int | float, q: int | float) -> float:
    """The q-norm of the p-norms of what leads to each output (Neyshabur et al. 2015, "Norm-Based Capacity Control")."""
    return float(weight.flatten(1).norm(p, dim=1).norm(q))


def schatten(weight: Float[Tensor, "out ..."], p: int | float) -> float:
    """The p-norm of the singular values of the (out, in k k) matrix."""
    return float(torch.linalg.svdvals(weight.flatten(1)).norm(p))
