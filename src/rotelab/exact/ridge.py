"""Ridge regression in isotropic features: the risk for many points, and the best ridge.

As ``ridgeless``, with the estimate (X^T X / n + l I)^-1 X^T y / n for a ridge l >= 0. With g = p / n and m the
Stieltjes transform of Marchenko and Pastur's law at -l, the excess risk is, as n and p grow (Hastie, Montanari,
Rosset, Tibshirani 2022, Theorem 5; Dobriban and Wager 2018),

    r^2 l^2 m' + s^2 g (m - l m').

It is least at l = s^2 g / r^2, and is then s^2 g m: it has no peak (Nakkiran, Venkat, Kakade, Ma 2021).
"""

import math

import numpy

from rotelab.exact import ridgeless


def stieltjes(g: float, ridge: float) -> tuple[float, float]:
    """m and m' of Marchenko and Pastur's law of the eigenvalues of X^T X / n, at -``ridge`` < 0.

    m is the positive root of ``g l m^2 + (1 - g + l) m - 1 = 0``.
    """
    b = 1 - g + ridge
    root = math.sqrt(b**2 + 4 * g * ridge)
    m = 2 / (b + root) if b > 0 else (root - b) / (2 * g * ridge)  # the one of two forms that loses no digits
    return m, (m + g * m**2) / (b + 2 * g * ridge * m)


def asymptotic(g: float, ridge: float, signal: float, noise: float) -> float:
    """The excess risk for ``g`` = p / n, r = ``signal`` and s = ``noise``; without a ``ridge`` the ridgeless one."""
    if ridge == 0:
        return ridgeless.asymptotic(g, signal, noise)
    m, slope = stieltjes(g, ridge)
    return signal**2 * ridge**2 * slope + noise**2 * g * (m - ridge * slope)


def best(g: float, signal: float, noise: float) -> float:
    """The ridge of the least risk, ``s^2 g / r^2``; at any n and p, too, on average over directions of b."""
    return noise**2 * g / signal**2


def drawn(n: int, p: int, ridge: float, signal: float, noise: float, generator: numpy.random.Generator) -> float:
    """The excess risk for one draw of points, exactly on average over noise and over directions of b."""
    squares = numpy.linalg.svd(generator.standard_normal((n, p)), compute_uv=False) ** 2 / n
    shrunk = (ridge / (squares + ridge)) ** 2 if ridge else numpy.zeros(len(squares))
    bias = signal**2 * (shrunk.sum() + p - len(squares)) / p  # what no point reaches is not found at all
    return float(bias + noise**2 / n * (squares / (squares + ridge) ** 2).sum())
