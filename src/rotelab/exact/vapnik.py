"""Vapnik's bounds of the gap between train and test error, for classes that can be counted, and what gaps there are.

For all h of a class at once, with probability 1 - delta over n points, |train error - test error| is at most the bound.
"""

import math
from collections.abc import Sequence

import numpy
from scipy.special import gammaln, logsumexp


def finite(log_size: float, n: int, delta: float) -> float:
    """``sqrt((ln |H| + ln(2 / delta)) / (2 n))``, of a class of exp(``log_size``) functions: Hoeffding's, for each."""
    return math.sqrt((log_size + math.log(2 / delta)) / (2 * n))


def linear(dimensions: int, n: int, delta: float) -> float:
    """``sqrt(8 / n (ln G(2 n) + ln(4 / delta)))`` (Vapnik and Chervonenkis 1971), G of ``log_dichotomies``."""
    return math.sqrt(8 / n * (log_dichotomies(dimensions, 2 * n) + math.log(4 / delta)))


def log_dichotomies(dimensions: int, n: int) -> float:
    """ln of ``2 sum_{k<d} C(n - 1, k)``: how many labelings of n points linear classifiers without bias have in d
    dimensions, in general position (Cover 1965). n ln 2 for as many dimensions as points, or more."""
    if dimensions >= n:
        return n * math.log(2)
    k = numpy.arange(dimensions)
    return math.log(2) + float(logsumexp(gammaln(n) - gammaln(k + 1) - gammaln(n - k)))


def greatest_gap_of_lines(n: int, noise: float, generator: numpy.random.Generator) -> float:
    """The greatest |train error - test error| of all lines through 0 in the plane, for one draw of points, exactly.

    Points have directions as likely as one another; the label is the sign of the first coordinate, another one with
    probability ``noise``. A line at an angle t to the best has a test error of noise + (1 - 2 noise) t / pi, and the
    train error changes where it meets a point: the greatest gap lies at one of these angles, on one of its sides, or
    at 0 or pi.
    """
    at = generator.uniform(0, 2 * math.pi, n)
    labels = numpy.where(numpy.cos(at) > 0, 1, -1) * numpy.where(generator.random(n) < noise, -1, 1)
    meets = numpy.concatenate([at + math.pi / 2, at - math.pi / 2, [0, math.pi]]) % (2 * math.pi)
    order = numpy.argsort(meets)  # a point leaves the positive side at the first of its two angles, and comes back
    changes = numpy.concatenate([labels, -labels, [0, 0]])[order]
    meets = meets[order]
    ends = numpy.stack([meets, numpy.append(meets[1:], meets[0] + 2 * math.pi)])
    first = (numpy.sign(numpy.cos(at - ends[:, 0].mean())) != labels).sum()
    train = (first + numpy.cumsum(changes) - changes[0]) / n
    apart = numpy.abs((ends + math.pi) % (2 * math.pi) - math.pi)
    return float(numpy.abs(train - (noise + (1 - 2 * noise) * apart / math.pi)).max())


def greatest_gap_of_conjunctions(n: int, bits: int, noise: float, generator: numpy.random.Generator) -> float:
    """The greatest |train error - test error| of all 2^k conjunctions of k = ``bits``, for one draw of points.

    Points are uniform on {0, 1}^k, the label is "the first two are 1", another one with probability ``noise``. A
    conjunction of the variables of a set is 1 where all of them are; the empty one is always 1. All are tried.
    """
    every = _conjunctions(bits)
    drawn = generator.integers(2**bits, size=n)
    truth = every[0b11]
    labels = truth[drawn] ^ (generator.random(n) < noise)
    train = (every[:, drawn] != labels).mean(1)
    test = noise + (1 - 2 * noise) * (every != truth).mean(1)
    return float(numpy.abs(train - test).max())


def _conjunctions(bits: int) -> numpy.ndarray:
    """Which sets of variables (rows) are in which points (columns), both as bits of their numbers."""
    numbers = numpy.arange(2**bits)
    return (numbers[:, None] & numbers) == numbers[:, None]


def quantile(gaps: Sequence[float], delta: float) -> float:
    """The gap that a share ``delta`` of draws exceeds: what a bound of that probability has to be at least."""
    return float(numpy.quantile(numpy.asarray(gaps), 1 - delta))
