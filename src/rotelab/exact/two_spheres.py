"""Two spheres, told apart by a network of ReLUs (Gilmer et al. 2018, "Adversarial Spheres"; Nagarajan and Kolter 2019,
section 3.2).

Points are uniform on spheres around 0 of two radii, and a label says which, -1 the inner one. As likely as points S are
S': each moved along its ray to the other sphere, with the other label. So every bound that holds for all that descent
may find on most sets has to allow for its error on S'.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy
from jaxtyping import Float32
from scipy.special import expit

RADII = (1.0, 1.1)


class Points(NamedTuple):
    """Points and labels of -1 and 1."""

    points: Float32[numpy.ndarray, "point dimension"]
    labels: Float32[numpy.ndarray, " point"]


def drawn(count: int, dimensions: int, generator: numpy.random.Generator) -> Points:
    """Half of them on each sphere, one more on the inner one where ``count`` is odd."""
    labels = numpy.where(numpy.arange(count) % 2, 1, -1).astype(numpy.float32)
    normal = generator.standard_normal((count, dimensions), dtype=numpy.float32)
    return Points(normal * (_radii(labels) / numpy.linalg.norm(normal, axis=1))[:, None], labels)


def moved(of: Points) -> Points:
    """S': each point on the other sphere, with the other label."""
    return Points(of.points * (_radii(-of.labels) / _radii(of.labels))[:, None], -of.labels)


def _radii(labels: Float32[numpy.ndarray, " point"]) -> Float32[numpy.ndarray, " point"]:
    inner, outer = RADII
    return numpy.where(labels > 0, outer, inner).astype(numpy.float32)


class Network(NamedTuple):
    """``f(x) = <a, max(W x + b, 0)> + c``. Without biases it would be right on S exactly where it is wrong on S', for
    f(r x) = r f(x)."""

    inner: Float32[numpy.ndarray, "unit dimension"]
    shifts: Float32[numpy.ndarray, " unit"]
    outer: Float32[numpy.ndarray, " unit"]
    shift: Float32[numpy.ndarray, " one"]

    def margins(self, of: Points) -> Float32[numpy.ndarray, " point"]:
        """``y f(x)``: above 0 where the network is right."""
        hidden = numpy.maximum(of.points @ self.inner.T + self.shifts, 0)
        return of.labels * (hidden @ self.outer + self.shift)

    def error(self, of: Points) -> float:
        """The share of points that are wrong."""
        return float((self.margins(of) <= 0).mean())

    def distance(self, other: "Network") -> float:
        """The Euclidean distance of all weights and biases."""
        return sum(_norm(a - b) ** 2 for a, b in zip(self, other, strict=True)) ** 0.5

    def spectral(self) -> float:
        """The product of the layers' spectral norms."""
        return float(numpy.linalg.norm(self.inner, 2)) * _norm(self.outer)


def _norm(of: Float32[numpy.ndarray, "..."]) -> float:
    """Euclidean."""
    return float(numpy.linalg.norm(of.astype(float)))


def bound(network: Network, start: Network, of: Points) -> float:
    """Of the gap, up to constants: ``2 |W| |a| / (g sqrt m) sqrt(h |W - W_0|_F^2 / |W|^2 + |a - a_0|^2 / |a|^2)`` with
    spectral norms, h units, m points and g the 5th percentile of their margins (Neyshabur et al. 2018, Theorem 1);
    infinite without a margin. As ``measures.norm_bounds`` has it."""
    margin = float(numpy.percentile(network.margins(of), 5))
    moved = (_norm(network.inner - start.inner) / float(numpy.linalg.norm(network.inner, 2))) ** 2 * len(network.outer)
    moved += (_norm(network.outer - start.outer) / _norm(network.outer)) ** 2
    return 2 * network.spectral() * (moved / len(of.labels)) ** 0.5 / margin if margin > 0 else math.inf


def initial(units: int, dimensions: int, generator: numpy.random.Generator) -> Network:
    """Uniform up to one over the root of what leads into a unit, biases too."""

    def uniform(shape: tuple[int, ...], inputs: int) -> Float32[numpy.ndarray, "..."]:
        return ((2 * generator.random(shape, dtype=numpy.float32) - 1) / inputs**0.5).astype(numpy.float32)

    return Network(
        uniform((units, dimensions), dimensions),
        uniform((units,), dimensions),
        uniform((units,), units),
        uniform((1,), units),
    )


def descent(
    of: Points, start: Network, rate: float, batch: int, generator: numpy.random.Generator
) -> Iterator[Network]:
    """The network after 1, 2, 3, ... epochs of SGD on the mean logistic loss of a batch, without an end; an epoch has
    all points in a new order. It is the same arrays every time."""
    inner, shifts, outer, shift = network = Network(*(part.copy() for part in start))
    while True:
        for some in numpy.split(order := generator.permutation(len(of.labels)), range(batch, len(order), batch)):
            points, labels = of.points[some], of.labels[some]
            hidden = numpy.maximum(points @ inner.T + shifts, 0)
            pull = (rate * labels * expit(-labels * (hidden @ outer + shift)) / len(some)).astype(numpy.float32)
            inward = (hidden > 0) * pull[:, None] * outer
            outer += pull @ hidden
            shift += pull.sum()
            inner += inward.T @ points
            shifts += inward.sum(0)
        yield network


class Trained(NamedTuple):
    """The network, the epochs that it took, and whether enough points had their margin then."""

    network: Network
    epochs: int
    fitted: bool


ENOUGH = 0.99
"""Training ends where this share of points has the margin."""


def fit(
    of: Points,
    start: Network,
    rate: float,
    batch: int,
    margin: float,
    most: int,
    generator: numpy.random.Generator,
) -> Trained:
    """Train until points have the ``margin``, ``most`` epochs at most."""
    for epochs, network in enumerate(descent(of, start, rate, batch, generator), 1):
        fitted = bool((network.margins(of) >= margin).mean() >= ENOUGH)
        if fitted or epochs >= most:
            return Trained(network, epochs, fitted)
    raise AssertionError("descent has no end")
