"""Where gradient descent on separable data goes: the direction of the greatest margin (Soudry et al. 2018).

Points x_i with labels y_i of -1 or 1 and no bias: w separates them where y_i <w, x_i> > 0 for all. On losses with an
exponential tail |w| grows for ever, like log t, and w / |w| turns to the direction of the hard-margin support vector
machine, no faster than 1 / log t in general; steps of -grad / loss take it there much faster (Nacson et al. 2019).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy
from jaxtyping import Float64
from scipy.optimize import nnls
from scipy.special import expit, logsumexp

from rotelab.errors import Refusal

Points = Float64[numpy.ndarray, "point dimension"]
Labels = Float64[numpy.ndarray, " point"]
Weights = Float64[numpy.ndarray, " dimension"]


def support_vector_machine(points: Points, labels: Labels) -> Weights:
    """The least w with ``y_i <w, x_i> >= 1`` for all, the hard margin; its margin is 1 / |w|.

    As a problem of least distance it is one of least squares with weights of 0 or more (Lawson and Hanson 1974,
    chapter 23): of u >= 0 in E u ~ (0, ..., 0, 1), E the points times labels as columns above a row of ones. Raises
    Refusal where no w separates the points.
    """
    signed = points * labels[:, None]
    count, dimensions = signed.shape
    target = numpy.zeros(dimensions + 1)
    target[-1] = 1
    u, left = nnls(numpy.vstack([signed.T, numpy.ones(count)]), target, maxiter=100 * count)
    if left < 1e-8:
        raise Refusal(f"no line through 0 separates the {count} points by their labels")
    rest = target - numpy.append(signed.T @ u, u.sum())
    return -rest[:-1] / rest[-1]


class Path(NamedTuple):
    """After so many steps: the angle to the greatest margin's direction in degrees, that margin's share, and |w|."""

    step: int
    angle: float
    margin: float
    norm: float


def descent(
    points: Points, labels: Labels, moments: Sequence[int], normalized: bool = False, start: Weights | None = None
) -> list[Path]:
    """Gradient descent with a constant step, seen after each of ``moments``, from ``start`` or 0.

    On the mean logistic loss with a step of 4 n / |X|^2, the inverse of the greatest curvature there is; or, with the
    same step, ``normalized``: w - step * gradient / loss, of the exponential loss. Raises Refusal where no w separates
    the points.
    """
    signed = points * labels[:, None]
    best = support_vector_machine(points, labels)
    step = 4 * len(points) / numpy.linalg.norm(points, 2) ** 2
    w = numpy.zeros(points.shape[1]) if start is None else start.copy()
    found = []
    for before, after in zip([0, *moments], moments, strict=False):
        for _ in range(after - before):
            margins = signed @ w
            shares = numpy.exp(-margins - logsumexp(-margins)) if normalized else expit(-margins) / len(points)
            w += step * (shares @ signed)
        found.append(Path(after, *_seen(signed, best, w)))
    return found


def _seen(signed: Points, best: Weights, w: Weights) -> tuple[float, float, float]:
    one, other = w / numpy.linalg.norm(w), best / numpy.linalg.norm(best)
    angle = 2 * numpy.arcsin(min(1.0, float(numpy.linalg.norm(one - other)) / 2))  # exact for small ones, too
    share = float((signed @ one).min()) * float(numpy.linalg.norm(best))
    return float(numpy.degrees(angle)), share, float(numpy.linalg.norm(w))


def separable(count: int, dimensions: int, gap: float, generator: numpy.random.Generator) -> tuple[Points, Labels]:
    """Normal points on both sides of a plane through 0, none nearer than ``gap`` to it, with labels by its sides."""
    plane = generator.standard_normal(dimensions)
    plane /= numpy.linalg.norm(plane)
    points = generator.standard_normal((count, dimensions))
    along = points @ plane
    labels = numpy.where(along > 0, 1.0, -1.0)
    near = numpy.maximum(gap - numpy.abs(along), 0)
    return points + (labels * near)[:, None] * plane, labels


def nearest_fit(points: Points, targets: Float64[numpy.ndarray, " point"], start: Weights) -> Weights:
    """``w_0 + X^+ (y - X w_0)``: of all least squares that nearest to ``start``, where descent from there ends."""
    return start + numpy.linalg.pinv(points) @ (targets - points @ start)


def squares_descent(
    points: Points, targets: Float64[numpy.ndarray, " point"], start: Weights, moments: Sequence[int]
) -> Float64[numpy.ndarray, "moment dimension"]:
    """Gradient descent on |X w - y|^2 / 2 from ``start`` with a step of 1 / |X|^2: w after each of ``moments``."""
    w, step, found = start.copy(), 1 / numpy.linalg.norm(points, 2) ** 2, []
    for before, after in zip([0, *moments], moments, strict=False):
        for _ in range(after - before):
            w += step * (points.T @ (targets - points @ w))
        found.append(w.copy())
    return numpy.stack(found)
