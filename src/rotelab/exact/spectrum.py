"""Variances of features, greatest first, and their effective ranks (Bartlett, Long, Lugosi, Tsigler 2020)."""

import math
from typing import NamedTuple

import numpy
from jaxtyping import Float64


class Spectrum(NamedTuple):
    """The variances l_1 >= l_2 >= ...: those of the ``head`` one by one, then ``length`` times ``tail``."""

    head: Float64[numpy.ndarray, " feature"]
    tail: float = 0.0
    length: int = 0

    @property
    def size(self) -> int:
        """How many features there are."""
        return len(self.head) + self.length

    def sum_beyond(self, k: int, power: int = 1) -> float:
        """The sum of ``l_i^power`` over all i > k."""
        left = self.length - max(0, k - len(self.head))
        return float((self.head[k:] ** power).sum()) + left * self.tail**power

    def at(self, k: int) -> float:
        """l_{k+1}: the greatest variance beyond the first k."""
        return float(self.head[k]) if k < len(self.head) else self.tail


def r(spectrum: Spectrum, k: int) -> float:
    """``r_k = sum_{i>k} l_i / l_{k+1}``: how many features the tail beyond k is worth. k below their number."""
    return spectrum.sum_beyond(k) / spectrum.at(k)


def R(spectrum: Spectrum, k: int) -> float:
    """``R_k = (sum_{i>k} l_i)^2 / sum_{i>k} l_i^2``, between r_k and r_k^2: over how many noise is spread."""
    return spectrum.sum_beyond(k) ** 2 / spectrum.sum_beyond(k, 2)


def k_star(spectrum: Spectrum, n: int, b: float = 1.0) -> int | None:
    """``min {k: r_k >= b n}``: as many features are estimated, those beyond act as a ridge; None where there is no such
    k. In a tail of equal variances r_k is what is left of it, so that only its first k can be that."""
    last = min(len(spectrum.head), spectrum.size - 1)
    return next((k for k in range(last + 1) if r(spectrum, k) >= b * n), None)


def variance_term(spectrum: Spectrum, n: int, noise: float) -> float:
    """``s^2 (k* / n + n / R_k*)``, with ``noise`` = s: the bound's share of noise, up to a constant (Theorem 4).

    Infinite where there is no k*: the bound says nothing.
    """
    k = k_star(spectrum, n)
    return math.inf if k is None else noise**2 * (k / n + n / R(spectrum, k))


def bias_term(spectrum: Spectrum, b: Float64[numpy.ndarray, " feature"], n: int) -> float:
    """What the tail's ridge takes from the signal ``b`` on the head (Tsigler and Bartlett 2023), up to a constant.

    ``(sum_{i>k} l_i / n)^2 sum_{i<=k} b_i^2 / l_i + sum_{i>k} l_i b_i^2`` at k = k*.
    """
    k = k_star(spectrum, n)
    if k is None:
        return math.inf
    found = spectrum.head[: len(b)]
    ridge = spectrum.sum_beyond(k) / n
    return float(ridge**2 * (b[:k] ** 2 / found[:k]).sum() + (found[k:] * b[k:] ** 2).sum())
