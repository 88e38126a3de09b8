"""Where uniform convergence can't work: the linear example of Nagarajan and Kolter (2019), section 3, exactly.

A point is x = (2 y u, z) with a label y of -1 or 1, a fixed direction of length |u| = 1 / sqrt(m), and D coordinates z
of noise, normal with variance 32 / D. A step of descent from 0 on m points ends in w = (2 m u, v), v = sum_i y_i z_i.
It fits all of the points S, and is wrong on all of S', the same with -z for z, as likely a set as S: so every bound
that holds for all that descent may find on most sets has to allow for a gap of the error on S'.
"""

import math
from typing import NamedTuple

import numpy
from scipy.stats import norm

from rotelab.exact import wishart

NOISE = 32.0
"""The mean of |z|^2."""
SIGNAL = 4.0
"""The margin that the direction u alone gives, 2 m u . 2 u."""


class Errors(NamedTuple):
    """Shares of points that are wrong: of S, of S', and of new ones, the last exactly given S.

    ``margin`` is the least of y w . x on S, ``norm`` is |w|, ``bound`` what norms promise: see ``draw``.
    """

    train: float
    twins: float
    test: float
    margin: float
    norm: float
    bound: float


def draw(m: int, dimensions: int, generator: numpy.random.Generator) -> Errors:
    """The errors for one draw of ``m`` points with so many ``dimensions`` of noise.

    Margins are 4 + y_i z_i . v on S and 4 - y_i z_i . v on S', and that of a new point is normal with mean 4 and
    variance 32 |v|^2 / D: all follow from the points' inner products. ``bound`` is 2 |w| max|x| / (margin sqrt(m)),
    that of the Rademacher complexity of linear classifiers of this norm at this margin, without its term of chance;
    infinite without a margin.
    """
    gram = NOISE / dimensions * wishart.drawn(m, dimensions, generator)
    along = gram.sum(1)
    square = float(along.sum())  # |v|^2
    margin = float((SIGNAL + along).min())
    w, x = math.sqrt(SIGNAL * m + square), math.sqrt(SIGNAL / m + float(gram.diagonal().max()))
    return Errors(
        train=float((SIGNAL + along <= 0).mean()),
        twins=float((SIGNAL - along <= 0).mean()),
        test=float(norm.cdf(-SIGNAL / math.sqrt(NOISE / dimensions * square))),
        margin=margin,
        norm=w,
        bound=2 * w * x / (margin * math.sqrt(m)) if margin > 0 else math.inf,
    )


def test_error(m: int, dimensions: int) -> float:
    """``Phi(-sqrt(D) / (8 sqrt(m)))``: that of new points where |v|^2 is its mean, 32 m."""
    return float(norm.cdf(-math.sqrt(dimensions / m) / 8))
