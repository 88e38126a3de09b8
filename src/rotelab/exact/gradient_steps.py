"""Least squares by gradient descent: the risk after each step, where features have several variances.

Features x ~ N(0, diag(v)), labels <x, b> + s z, n points, from 0, with a rate for each feature:
w <- w + h X^T (y - X w) / n. With many more points than features, X^T X / n is diag(v), features are learned each by
itself, and the excess risk after t steps is (Heckel and Yilmaz 2021, Theorem 1)

    sum over i of  v_i b_i^2 q_i^2 + (s^2 / n) (1 - q_i)^2,  q_i = (1 - h_i v_i)^t:

a bias that falls and a variance that rises, for each feature at a time of its own.
"""

from typing import NamedTuple

import numpy
from jaxtyping import Float64

Vector = Float64[numpy.ndarray, " feature"]


class Task(NamedTuple):
    """The variances v, the coefficients b, the number of points n, and the noise s of labels."""

    variances: Vector
    coefficients: Vector
    points: int
    noise: float

    @property
    def signals(self) -> Vector:
        """``v b^2``: what each feature makes of the labels' variance, and the excess risk before any step."""
        return self.variances * self.coefficients**2


def limit(task: Task, rates: Vector, steps: Float64[numpy.ndarray, " step"]) -> Float64[numpy.ndarray, " step"]:
    """The excess risk after each number of steps, many points' limit; 0 < h v < 1 for every feature."""
    left = (1 - rates * task.variances) ** steps[:, None]
    return (task.signals * left**2 + task.noise**2 / task.points * (1 - left) ** 2).sum(axis=1)


def least(task: Task) -> float:
    """The least excess risk in that limit, of all rates and steps: every feature stops at its own best."""
    variance = task.noise**2 / task.points
    return float((task.signals * variance / (task.signals + variance)).sum())


def together(task: Task, step: float) -> Vector:
    """The rates with which every feature is at its best after so many steps, where ``q_i`` is ``(s^2 / n) /
    (v_i b_i^2 + s^2 / n)`` (Heckel and Yilmaz 2021, Proposition 1). Every feature needs a signal."""
    variance = task.noise**2 / task.points
    best = variance / (task.signals + variance)
    return (1 - best ** (1 / step)) / task.variances


def drawn(
    task: Task, rates: Vector, steps: Float64[numpy.ndarray, " step"], generator: numpy.random.Generator
) -> Float64[numpy.ndarray, " step"]:
    """The excess risk after each number of steps for one draw of points and labels.

    In w / sqrt(h) descent has one rate, and a symmetric matrix that is diagonalized. It needs no fewer points than
    features, and rates above 0.
    """
    scales, roots = numpy.sqrt(task.variances), numpy.sqrt(rates)
    x = generator.standard_normal((task.points, len(scales))) * scales
    y = x @ task.coefficients + task.noise * generator.standard_normal(task.points)
    values, vectors = numpy.linalg.eigh(roots[:, None] * (x.T @ x / task.points) * roots)
    end = vectors.T @ (roots * (x.T @ y) / task.points) / values  # where it leads, in the basis of the vectors
    reached = (1 - (1 - values) ** steps[:, None]) * end
    wrong = (reached @ vectors.T * roots - task.coefficients) * scales
    return (wrong**2).sum(axis=1)
