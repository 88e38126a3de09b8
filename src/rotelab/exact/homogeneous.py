"""A homogeneous network of two layers by gradient descent, and its normalized margin (Lyu and Li 2020).

f(x) = <a, max(W x, 0)>: twice all weights is four times the output, so that the least of y_i f(x_i) over |weights|^2
says how large the margin is, whatever the size of the weights. Once points are separated it grows, for small steps.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy
from jaxtyping import Float64
from scipy.special import expit


class Margin(NamedTuple):
    """After so many steps: the normalized margin, the mean logistic loss, |weights|, and the share of wrong points."""

    step: int
    margin: float
    loss: float
    norm: float
    error: float


def initial(units: int, dimensions: int, generator: numpy.random.Generator) -> tuple[numpy.ndarray, numpy.ndarray]:
    """W ~ N(0, 2 / d) and a ~ N(0, 1 / units)."""
    inner = generator.standard_normal((units, dimensions)) * (2 / dimensions) ** 0.5
    return inner, generator.standard_normal(units) / units**0.5


def descent(
    points: Float64[numpy.ndarray, "point dimension"],
    labels: Float64[numpy.ndarray, " point"],
    start: tuple[Float64[numpy.ndarray, "unit dimension"], Float64[numpy.ndarray, " unit"]],
    moments: Sequence[int],
    step: float,
) -> list[Margin]:
    """Gradient descent on the mean logistic loss with a constant step, seen after each of ``moments``."""
    inner, outer = (of.copy() for of in start)
    found = []
    for before, after in zip([0, *moments], moments, strict=False):
        for _ in range(after - before):
            hidden = numpy.maximum(points @ inner.T, 0)
            pull = labels * expit(-labels * (hidden @ outer)) / len(points)
            inward = ((hidden > 0) * pull[:, None] * outer).T @ points
            outer, inner = outer + step * (pull @ hidden), inner + step * inward
        margins = labels * (numpy.maximum(points @ inner.T, 0) @ outer)
        square = float((inner**2).sum() + (outer**2).sum())
        loss = float(numpy.logaddexp(0, -margins).mean())
        found.append(Margin(after, float(margins.min()) / square, loss, square**0.5, float((margins <= 0).mean())))
    return found
