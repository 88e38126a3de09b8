"""Section 5 (Zhang et al. 2017): of all that fit the data, the one of least norm, by a linear system and by SGD."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float64, Int64
from torch import Tensor

from rotelab.errors import Refusal

_EXACT = 1e-6  # the greatest |K alpha - Y| of a solution by Cholesky, for targets of 0 and 1


class Solution(NamedTuple):
    """``alpha`` with K alpha = Y, or as near as can be, and what is known of it.

    ``norm`` is the RKHS norm sqrt(trace(alpha^T K alpha)), over all outputs; ``residual`` the greatest |K alpha - Y|,
    in units of the targets; ``rank`` that of K, as far as float64 can tell: below n there may be no exact solution.
    """

    alpha: Float64[Tensor, "point output"]
    norm: float
    residual: float
    rank: int


def linear(a: Float64[Tensor, "one dimension"], b: Float64[Tensor, "other dimension"]) -> Float64[Tensor, "one other"]:
    """K = <a, b>, whose interpolation is min |w| subject to Xw = y (Zhang et al. 2017, section 5), with no bias."""
    return a @ b.T


def gaussian(
    a: Float64[Tensor, "one dimension"], b: Float64[Tensor, "other dimension"], gamma: float
) -> Float64[Tensor, "one other"]:
    """K = exp(-gamma |a - b|^2), the kernel of Zhang et al.'s "no preprocessing"; gamma in 1 / pixel values squared.

    Raises ValueError unless gamma is positive.
    """
    if not gamma > 0:
        raise ValueError(f"gamma has to be positive, not {gamma}")
    squares = a.square().sum(1)[:, None] + b.square().sum(1) - 2 * a @ b.T
    return squares.clamp_(min=0).mul_(-gamma).exp_()


def scaled_gamma(dimensions: int) -> float:
    """The gamma of Zhang et al., 0.02 for the 784 pixels of MNIST from 0 to 1, per pixel: as wide for any size."""
    return 0.02 * 784 / dimensions


def interpolate(gram: Float64[Tensor, "point point"], targets: Float64[Tensor, "point output"]) -> Solution:
    """K alpha = Y (Zhang et al. 2017, section 5): the interpolation of least norm, where there is one.

    By Cholesky's factors. Where K is singular to float64 (a linear kernel with more points than dimensions, say, or
    duplicates), by its pseudo-inverse: that is least squares, and ``residual`` says how far from the targets it stays.
    Needs 8 n^2 bytes a matrix: 0.8 GB for 10,000 points. Raises ValueError for a kernel that isn't finite.
    """
    if not gram.isfinite().all():
        raise Refusal("the kernel has entries that aren't finite numbers")
    factor, failed = torch.linalg.cholesky_ex(gram)
    if not failed:
        alpha = torch.cholesky_solve(targets, factor)
        if float((gram @ alpha - targets).abs().max()) < _EXACT:  # never NaN < ..., nor what rounding let through
            return _solution(gram, targets, alpha, len(gram))
    values, vectors = torch.linalg.eigh(gram)
    kept = values > len(gram) * torch.finfo(gram.dtype).eps * values.max()
    basis = vectors[:, kept]
    return _solution(gram, targets, basis @ (basis.T @ targets / values[kept, None]), int(kept.sum()))


def _solution(gram: Tensor, targets: Tensor, alpha: Tensor, rank: int) -> Solution:
    fitted = gram @ alpha
    norm = float((alpha * fitted).sum().clamp(min=0).sqrt())
    return Solution(alpha, norm, float((fitted - targets).abs().max()), rank)


def error(scores: Float64[Tensor, "point output"], labels: Int64[Tensor, " point"]) -> float:
    """The share, 0 to 1, of points whose greatest score isn't their label's."""
    return float((scores.argmax(1) != labels).double().mean())


def weights(
    points: Float64[Tensor, "point dimension"], targets: Float64[Tensor, "point output"]
) -> Float64[Tensor, "dimension output"]:
    """w = X^+ Y: the least squares of least norm, which fit exactly where the points are linearly independent."""
    return torch.linalg.pinv(points) @ targets


def sgd(
    points: Float64[Tensor, "point dimension"],
    targets: Float64[Tensor, "point output"],
    moments: Sequence[int],
    generator: torch.Generator,
    batch: int = 1,
) -> Float64[Tensor, "moment dimension output"]:
    """w_{t+1} = w_t - eta e_t x_t from w_0 = 0 (Zhang et al. 2017, section 5): w after each of ``moments``, in steps.

    Plain SGD on |Xw - Y|^2 / 2, ``batch`` points a step, drawn with replacement. Every step adds a combination of
    points, so that w stays in their span, where X^+ Y is the only exact fit. The constant step is that of Ma, Bassily
    and Belkin (2018): eta = m / (max |x|^2 + (m - 1) lambda_1(X^T X / n)) for m points a step. Some |X|_F^2 |X^+|^2
    steps of one point bring it nearer by a factor of e^(1/2) at least.

    Raises ValueError for moments that don't increase from 0 on, and where the points are linearly dependent: then the
    targets may have no exact fit, and SGD with a constant step doesn't come to rest.
    """
    if not moments or batch < 1 or any(b <= a for a, b in zip([-1, *moments], moments, strict=False)):
        raise ValueError(f"moments have to increase from 0 on and batch be positive, not {list(moments)} and {batch}")
    singular = torch.linalg.svdvals(points)
    size = max(points.shape) * torch.finfo(points.dtype).eps * singular[0]
    if (rank := int((singular > size).sum())) < len(points):
        raise Refusal(f"{len(points)} points of rank {rank}: linearly dependent points may have no exact fit")
    step = batch / (points.square().sum(1).max() + (batch - 1) * singular[0] ** 2 / len(points))
    w, saved = points.new_zeros(points.shape[1], targets.shape[1]), []
    for start, end in zip([0, *moments], moments, strict=False):
        for drawn in torch.randint(len(points), (end - start, batch), generator=generator):
            x = points[drawn]
            w.addmm_(x.T, targets[drawn] - x @ w, alpha=float(step) / batch)
        saved.append(w.clone())
    return torch.stack(saved)
