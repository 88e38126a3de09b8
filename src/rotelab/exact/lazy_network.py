"""A network of two layers and the scale of its output: lazy where that is great (Chizat, Oyallon, Bach 2019).

f(x) = scale (h_w(x) - h_w0(x)) with h_w(x) = <a, max(W x, 0)>, by descent on mean (f - y)^2 / 2 over scale^2. The
greater the scale, the less far weights have to go for the same fit, until the tangent kernel no longer moves.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy
from jaxtyping import Float64


class Network(NamedTuple):
    """W and a."""

    inner: Float64[numpy.ndarray, "unit dimension"]
    outer: Float64[numpy.ndarray, " unit"]

    def __call__(self, points: Float64[numpy.ndarray, "point dimension"]) -> Float64[numpy.ndarray, " point"]:
        return numpy.maximum(points @ self.inner.T, 0) @ self.outer


def drawn(units: int, dimensions: int, variances: tuple[float, float], generator: numpy.random.Generator) -> Network:
    """Normal weights of the two layers' ``variances``."""
    inner, outer = (variance**0.5 for variance in variances)
    first = inner * generator.standard_normal((units, dimensions))
    return Network(first, outer * generator.standard_normal(units))


def tangent_kernel(
    network: Network,
    one: Float64[numpy.ndarray, "one dimension"],
    other: Float64[numpy.ndarray, "other dimension"],
) -> Float64[numpy.ndarray, "one other"]:
    """``<dh(x)/dw, dh(x')/dw>``: of a the hidden units' inner product, of W that of the inputs times sum_j a_j^2 over
    units that are on at both."""
    hidden, beside = one @ network.inner.T, other @ network.inner.T
    on = ((hidden > 0) * network.outer**2) @ (beside > 0).T
    return numpy.maximum(hidden, 0) @ numpy.maximum(beside, 0).T + one @ other.T * on


def movement(kernel: Float64[numpy.ndarray, "one other"], start: Float64[numpy.ndarray, "one other"]) -> float:
    """``|K - K_0|_F / |K_0|_F``: 0 where training is lazy."""
    return float(numpy.linalg.norm(kernel - start) / numpy.linalg.norm(start))


def alignment(kernel: Float64[numpy.ndarray, "point point"], targets: Float64[numpy.ndarray, " point"]) -> float:
    """``<K, y y^T>_F / (|K|_F |y|^2)`` of the kernel and targets minus their means, from -1 to 1 (Cortes, Mohri,
    Rostamizadeh 2012, Eq. (2)): how much of the kernel is the labels'."""
    centered = kernel - kernel.mean(0) - kernel.mean(1)[:, None] + kernel.mean()
    y = targets - targets.mean()
    return float(y @ centered @ y / (numpy.linalg.norm(centered) * (y @ y)))


def descent(
    points: Float64[numpy.ndarray, "point dimension"],
    targets: Float64[numpy.ndarray, " point"],
    start: Network,
    scale: float,
    rate: float,
    momentum: float = 0.0,
) -> Iterator[Network]:
    """The network after 1, 2, 3, ... steps of all points, without an end; ``momentum`` is that of the heavy ball."""
    (inner, outer), first = (of.copy() for of in start), start(points)
    inward, outward = numpy.zeros_like(inner), numpy.zeros_like(outer)
    while True:
        before = points @ inner.T
        hidden = numpy.maximum(before, 0)
        pull = (scale * (hidden @ outer - first) - targets) / (scale * len(points))
        inward = momentum * inward + ((before > 0) * pull[:, None] * outer).T @ points
        outward = momentum * outward + pull @ hidden
        inner, outer = inner - rate * inward, outer - rate * outward
        yield Network(inner, outer)


class Task(NamedTuple):
    """Points and targets of -1 and 1, to learn and to be asked about."""

    train: Float64[numpy.ndarray, "point dimension"]
    targets: Float64[numpy.ndarray, " point"]
    test: Float64[numpy.ndarray, "query dimension"]
    test_targets: Float64[numpy.ndarray, " query"]


def sparse_parity(dimensions: int, train: int, test: int, generator: numpy.random.Generator) -> Task:
    """Points of -1 and 1 over the root of ``dimensions``; the target is the product of the signs of the first two."""
    points = generator.choice([-1.0, 1.0], (train + test, dimensions)) / dimensions**0.5
    targets = numpy.sign(points[:, 0] * points[:, 1])
    return Task(points[:train], targets[:train], points[train:], targets[train:])


class Trained(NamedTuple):
    """After so many steps: the mean squared error on the train points, the share of test points with a wrong sign, how
    far the tangent kernel moved, and its alignment with the targets at the start and at the end."""

    steps: int
    squared: float
    test_error: float
    movement: float
    alignment_before: float
    alignment: float


LOOK, ENOUGH = 50, 1e-3
"""Steps from one look at the error to the next, and the mean squared error at which training ends."""


def fit(task: Task, start: Network, scale: float, rate: float, most: int, enough: float = ENOUGH) -> Trained:
    """Train until the mean squared error is below ``enough``, but ``most`` steps at most, with a momentum of 0.9."""
    network, kernel = start, tangent_kernel(start, task.train, task.train)

    def squared(network: Network) -> float:
        return float(((scale * (network(task.train) - start(task.train)) - task.targets) ** 2).mean())

    steps = 0
    for steps, network in enumerate(descent(task.train, task.targets, start, scale, rate, 0.9), 1):
        if steps >= most or (steps % LOOK == 0 and squared(network) < enough):
            break
    wrong = numpy.sign(network(task.test) - start(task.test)) != task.test_targets
    end = tangent_kernel(network, task.train, task.train)
    return Trained(
        *(steps, squared(network), float(wrong.mean()), movement(end, kernel)),
        *(alignment(kernel, task.targets), alignment(end, task.targets)),
    )
