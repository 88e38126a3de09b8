"""Ridgeless least squares: the interpolation of least norm, its risk on new points, in closed form and drawn.

n points x of p independent normal features, y = <x, b> + s e with |b| = r and standard normal e. The estimate is the
least-squares solution of least norm, and its excess risk, for isotropic x, |estimate - b|^2. With g = p / n, as n and p
grow (Hastie, Montanari, Rosset, Tibshirani 2022, Theorem 1):

    s^2 g / (1 - g)  for g < 1,    r^2 (1 - 1/g) + s^2 / (g - 1)  for g > 1.

It grows beyond all bounds towards g = 1, and falls again: double descent without a network.
"""

import math

import numpy
from jaxtyping import Float64


def asymptotic(g: float, signal: float, noise: float) -> float:
    """The excess risk for ``g`` = p / n > 0, with r = ``signal`` and s = ``noise``; infinite at 1."""
    if g == 1:
        return math.inf
    return noise**2 * g / (1 - g) if g < 1 else signal**2 * (1 - 1 / g) + noise**2 / (g - 1)


def expected(n: int, p: int, signal: float, noise: float) -> float:
    """The mean excess risk of ``n`` points of ``p`` features, exactly; infinite for p from n - 1 to n + 1.

    ``s^2 p / (n - p - 1)`` below, ``r^2 (1 - n/p) + s^2 n / (p - n - 1)`` above: means of inverse Wishart matrices.
    """
    if abs(n - p) <= 1:
        return math.inf
    return noise**2 * p / (n - p - 1) if p < n else signal**2 * (1 - n / p) + noise**2 * n / (p - n - 1)


def least(signal: float, noise: float) -> float:
    """The g > 1 of the least asymptotic risk, r / (r - s). ValueError where noise is as strong as the signal: there the
    risk falls for ever, towards r^2."""
    if not noise < signal:
        raise ValueError(f"noise = {noise} is not less than signal = {signal}: there is no minimum above g = 1")
    return signal / (signal - noise)


def drawn(n: int, p: int, signal: float, noise: float, generator: numpy.random.Generator) -> float:
    """The excess risk of one draw of points, labels and b."""
    points: Float64[numpy.ndarray, "point feature"] = generator.standard_normal((n, p))
    direction = generator.standard_normal(p)
    b = signal * direction / numpy.linalg.norm(direction)
    labels = points @ b + noise * generator.standard_normal(n)
    estimate = numpy.linalg.lstsq(points, labels, rcond=None)[0]
    return float(((estimate - b) ** 2).sum())


def weak(n: int, p: int, of: int, signal: float, noise: float) -> float:
    """The mean excess risk of ``p`` features, drawn at random ``of`` so many alike, exactly (Belkin, Hsu, Xu 2020).

    What the signal has in the others is noise of its size, and is missed itself: with q = p / of of its square seen,
    ``expected`` at a signal of r sqrt(q) and a noise of sqrt(s^2 + (1 - q) r^2), plus (1 - q) r^2.
    """
    return misspecified(n, p, signal**2 * p / of, signal**2 * (1 - p / of), noise)


def misspecified(n: int, p: int, seen: float, unseen: float, noise: float) -> float:
    """The mean excess risk where features of the signal's square ``unseen`` are missing, exactly; see ``weak``."""
    return expected(n, p, math.sqrt(seen), math.sqrt(noise**2 + unseen)) + unseen
