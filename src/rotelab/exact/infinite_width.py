"""Networks of infinite width in closed form: their kernels (Jacot, Gabriel, Hongler 2018; Lee et al. 2018, 2019).

At random weights a wide ReLU network is a Gaussian process with the kernel S (NNGP). Trained by descent on squares it
is kernel regression with the tangent kernel T = <df(x)/dw, df(x')/dw>, which then does not move.
"""

from typing import NamedTuple

import numpy
from jaxtyping import Float64

from rotelab.errors import InputError

SMALL = 1e-9
"""A step times an eigenvalue below which the residual along it stays."""


class Kernels(NamedTuple):
    """Of one set of points with another: the covariance of random networks' outputs, and the tangent kernel."""

    nngp: Float64[numpy.ndarray, "one other"]
    tangent: Float64[numpy.ndarray, "one other"]


def kernels(
    one: Float64[numpy.ndarray, "one dimension"],
    other: Float64[numpy.ndarray, "other dimension"],
    hidden: int,
    weights: float = 2.0,
    biases: float = 0.0,
) -> Kernels:
    """Of a ReLU network of so many ``hidden`` layers: weights ~ N(0, ``weights`` / fan-in), biases ~ N(0, ``biases``).

    S_0 = T_0 = ``weights`` <x, x'> / d + ``biases``, and from layer to layer (Cho and Saul 2009), with the angle t of
    two points under S: S' = ``weights`` E[max(u, 0) max(v, 0)] + ``biases`` = ``weights`` |u| |v| (sin t +
    (pi - t) cos t) / 2 pi + ``biases``, T' = S' + ``weights`` (pi - t) / 2 pi T. Weights are trained as factors of
    size 1 (the NTK parametrization). Raises InputError for fewer than one hidden layer and variances below 0.
    """
    if hidden < 1 or weights <= 0 or biases < 0:
        raise InputError(
            f"{hidden} hidden layers, variances {weights:g} and {biases:g}: at least 1, above 0, and from 0 on"
        )
    dimensions = one.shape[1]
    nngp = weights * one @ other.T / dimensions + biases
    ones, others = (weights * (of**2).sum(1) / dimensions + biases for of in (one, other))
    tangent = nngp
    for _ in range(hidden):
        norms = numpy.sqrt(numpy.outer(ones, others))
        angle = numpy.arccos(numpy.clip(nngp / numpy.where(norms > 0, norms, 1), -1, 1))
        open_both = (numpy.pi - angle) / (2 * numpy.pi)
        nngp = weights * norms * (numpy.sin(angle) / (2 * numpy.pi) + open_both * numpy.cos(angle)) + biases
        tangent = nngp + weights * open_both * tangent
        ones, others = (weights * of / 2 + biases for of in (ones, others))
    return Kernels(nngp, tangent)


def regression(
    gram: Float64[numpy.ndarray, "point point"],
    cross: Float64[numpy.ndarray, "query point"],
    targets: Float64[numpy.ndarray, " point"],
    ridge: float = 0.0,
) -> Float64[numpy.ndarray, " query"]:
    """``K(x, X) (K + ridge)^-1 y``: with T where descent ends, with S the mean of what Bayes would say.

    Raises InputError where the kernel is singular and there is no ridge: points that lie on one ray, without biases.
    """
    if ridge == 0 and numpy.linalg.matrix_rank(gram, hermitian=True, tol=1e-10 * numpy.trace(gram)) < len(gram):
        raise InputError("the kernel is singular on these points: give it biases, or regression a ridge")
    return cross @ numpy.linalg.solve(gram + ridge * numpy.eye(len(gram)), targets)


def descended(
    gram: Float64[numpy.ndarray, "point point"],
    cross: Float64[numpy.ndarray, "query point"],
    targets: Float64[numpy.ndarray, " point"],
    rate: float,
    steps: int,
) -> Float64[numpy.ndarray, " query"]:
    """After so many ``steps`` of gradient descent on the mean of (f - y)^2 / 2, from f = 0, as long as T stays.

    Along an eigenvector of T with eigenvalue l the residual is (1 - ``rate`` l / n)^steps of what it was: great
    eigenvalues first (Lee et al. 2019, Eq. (8)).
    """
    values, vectors = numpy.linalg.eigh(gram)
    shrink = rate * values / len(gram)
    some = numpy.where(abs(shrink) > SMALL, shrink, SMALL)
    walked = numpy.where(abs(shrink) > SMALL, (1 - (1 - some) ** steps) / some, steps)
    return cross @ (vectors @ (rate / len(gram) * walked * (vectors.T @ targets)))


def circle(count: int, bias: float) -> Float64[numpy.ndarray, "point dimension"]:
    """So many points at equal angles on the unit circle, and a third input, ``bias``, the same for all."""
    angles = 2 * numpy.pi * numpy.arange(count) / count
    return numpy.stack([numpy.cos(angles), numpy.sin(angles), numpy.full(count, bias)], axis=1)


def harmonics(hidden: int, bias: float, count: int = 2**12) -> Float64[numpy.ndarray, " frequency"]:
    """The tangent kernel's eigenvalues of cos(k t) on the ``circle``, k = 0, 1, ..., under uniform points.

    A kernel of angles is circulant: its eigenvalues are its row's Fourier coefficients. ``count`` points stand for
    all of the circle: good to about count^-2, relative to the greatest.
    """
    points = circle(count, bias)
    (row,) = kernels(points[:1], points, hidden).tangent
    return numpy.fft.rfft(row).real / count
