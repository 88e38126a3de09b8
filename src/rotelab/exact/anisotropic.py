"""Least squares with or without a ridge, in normal features of any variances: its risk for many points, and drawn.

n points x of independent normal features with the variances of a spectrum, y = <x, b> + s e. The estimate is
(X^T X / n + l I)^-1 X^T y / n, that of least norm for l = 0, and its excess risk sum_i l_i (estimate_i - b_i)^2.
"""

import math
from typing import NamedTuple

import numpy
from jaxtyping import Float64
from scipy.optimize import brentq

from rotelab.exact import wishart
from rotelab.exact.spectrum import Spectrum


class Risk(NamedTuple):
    """The excess risk's two parts: of the estimate without noise, and what noise adds."""

    bias: float
    variance: float

    @property
    def excess(self) -> float:
        return self.bias + self.variance


def effective_ridge(spectrum: Spectrum, n: int, ridge: float = 0.0) -> float:
    """The k with ``n = sum_i l_i / (l_i + k) + n l / k``: what the features that n points can't tell apart add to the
    ``ridge`` l (Hastie et al. 2022, Theorem 2; Dobriban and Wager 2018). 0 without a ridge for fewer features than n.

    Raises ValueError for as many features as points without a ridge, where it is not defined.
    """
    if ridge == 0 and spectrum.size <= n:
        if spectrum.size == n:
            raise ValueError(f"{n} points and as many features: without a ridge the risk is infinite")
        return 0.0

    def missing(log: float) -> float:
        k = math.exp(log)
        return _sum(spectrum, k, 1) + n * ridge / k - n

    total = spectrum.sum_beyond(0)
    return math.exp(brentq(missing, math.log(total / n + ridge) - 60, math.log(total / n + ridge), xtol=1e-13))


def equivalent(
    spectrum: Spectrum, b: Float64[numpy.ndarray, " feature"], n: int, noise: float, ridge: float = 0.0
) -> Risk:
    """The excess risk as n and p grow (Hastie et al. 2022, Theorem 2), for ``b`` on the first features of the head.

    With k the effective ridge and d = sum_i l_i^2 / (l_i + k)^2 / n the bias is ``sum_i l_i b_i^2 k^2 / (l_i + k)^2 /
    (1 - d)``, the variance ``s^2 d / (1 - d)``.
    """
    k = effective_ridge(spectrum, n, ridge)
    d = _sum(spectrum, k, 2) / n
    variances = spectrum.head[: len(b)]
    bias = float((variances * b**2 * k**2 / (variances + k) ** 2).sum())
    return Risk(bias / (1 - d), noise**2 * d / (1 - d))


def _sum(spectrum: Spectrum, k: float, power: int) -> float:
    """``sum_i (l_i / (l_i + k))^power``."""
    head = float(((spectrum.head / (spectrum.head + k)) ** power).sum())
    return head + (spectrum.length * (spectrum.tail / (spectrum.tail + k)) ** power if spectrum.length else 0.0)


def drawn(
    spectrum: Spectrum,
    b: Float64[numpy.ndarray, " feature"],
    n: int,
    noise: float,
    generator: numpy.random.Generator,
    ridge: float = 0.0,
) -> Risk:
    """The excess risk for one draw of points, exactly on average over noise: no limit, and no approximation.

    Of the tail, as long as it may be, only the points' inner products are drawn. Numerically singular without a ridge
    where there are as many features as points. Raises ValueError for a tail, and fewer features than points.
    """
    points = generator.standard_normal((n, len(spectrum.head))) * numpy.sqrt(spectrum.head)
    signal = points[:, : len(b)] @ b
    if spectrum.size < n:
        if spectrum.length:
            raise ValueError(f"a tail is for more features than {n} points, not {spectrum.size}")
        gram = points.T @ points + n * ridge * numpy.eye(spectrum.size)
        found = numpy.linalg.solve(gram, points.T)  # the estimate, of given labels
        beyond = (0.0, 0.0)
    else:
        tail = spectrum.tail * wishart.drawn(n, spectrum.length, generator) if spectrum.length else numpy.zeros((n, n))
        inverse = numpy.linalg.inv(points @ points.T + tail + n * ridge * numpy.eye(n))
        found, weights = points.T @ inverse, inverse @ signal
        beyond = spectrum.tail * (weights @ tail @ weights), spectrum.tail * ((inverse @ tail) * inverse).sum()
    missed = found @ signal
    missed[: len(b)] -= b
    bias = (spectrum.head * missed**2).sum() + beyond[0]
    spread = (spectrum.head * (found**2).sum(1)).sum() + beyond[1]
    return Risk(float(bias), float(noise**2 * spread))
