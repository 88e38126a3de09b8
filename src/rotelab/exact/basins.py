"""Figure 3 and section 4: of two minima a and b the more stable has the larger basin, in many dimensions by far.

A minimum is flat over a stable width s and rises over a slope of width m on each side, so that its basin is s + 2m
wide: 4 for a and 6 for b. In n dimensions the basins are cubes of these sides, and the ratio of their volumes is
(2/3)^n. Lengths are in units of m, the loss in units of its plateau.
"""

import math
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from scipy import stats
from torch import Tensor

SLOPE = 1.0
"""m, the width of the slope on each side of the stable part."""

STABLE = {"a": 2.0, "b": 4.0}
"""s, the stable (flat) width of each minimum: b is twice as stable as a."""

WIDTH = {name: stable + 2 * SLOPE for name, stable in STABLE.items()}
"""s + 2m, the width of each basin."""

CENTRE = {"a": WIDTH["a"] / 2, "b": WIDTH["a"] + WIDTH["b"] / 2}
"""Where the minima lie along the first axis, their basins side by side from 0 on; 0 on every other axis."""

_CHUNK = 2**14  # random numbers at a time: too few for threads, which on numbers this cheap only wait for one another


class Estimate(NamedTuple):
    """A ratio of volumes a/b and its 95 % interval: 0, 0 and an upper bound where a was never hit."""

    ratio: float
    low: float
    high: float


def loss(points: Float[Tensor, "point dimension"], basin: str) -> Float[Tensor, " point"]:
    """Figure 3's loss around one minimum, as steep in any direction: 0 where stable, 1 from the basin's edge on.

    Outside the basin it is flat: gradient descent, Eq. (7), does not move there, and inside it ends in the minimum.
    """
    minimum = torch.zeros(points.shape[1], dtype=points.dtype)
    minimum[0] = CENTRE[basin]
    distance = (points - minimum).abs().amax(1)  # the greatest of the coordinates: the ball of this norm is a cube
    return ((distance - STABLE[basin] / 2) / SLOPE).clamp(0, 1)


def inside(points: Float[Tensor, "point dimension"], basin: str) -> Bool[Tensor, " point"]:
    """Which of the points gradient descent takes to this minimum."""
    return loss(points, basin) < 1


def log10_ratio(dimensions: int) -> float:
    """log10 of a/b = (2/3)^n, the ratio of the basins' volumes; the ratio itself underflows from n = 1840 on."""
    return dimensions * math.log10(WIDTH["a"] / WIDTH["b"])


def log10_stable_share(dimensions: int) -> float:
    """log10 of (s_b / (s_b + 2m))^n, the stable share of b's basin: as large as a/b, because s_b = s_a + 2m."""
    return dimensions * math.log10(STABLE["b"] / WIDTH["b"])


def sample(dimensions: int, points: int, generator: torch.Generator) -> tuple[int, int]:
    """How many points, uniform in the box of 10 by 6 by 6 ... around both basins, fall into a and how many into b."""
    lengths = torch.full((dimensions,), WIDTH["b"])
    lengths[0] = WIDTH["a"] + WIDTH["b"]
    corner = -lengths / 2
    corner[0] = 0
    in_a, in_b, size = 0, 0, max(1, _CHUNK // dimensions)
    for start in range(0, points, size):
        drawn = corner + lengths * torch.rand(min(size, points - start), dimensions, generator=generator)
        in_a += int(inside(drawn, "a").sum())
        in_b += int(inside(drawn, "b").sum())
    return in_a, in_b


def estimate(in_a: int, in_b: int) -> Estimate:
    """a/b from counts, with Clopper and Pearson's 95 % interval of a's share p of the hits, as odds p / (1 - p).

    Raises ValueError where neither was hit.
    """
    share = stats.binomtest(in_a, in_a + in_b).proportion_ci(0.95, method="exact")
    low, high = (p / (1 - p) if p < 1 else math.inf for p in share)
    return Estimate(in_a / in_b if in_b else math.inf, low, high)


def reach(in_b: float) -> float:
    """The dimension beyond which, for so many hits of b, fewer than one of a is expected: log(hits) / log(3/2)."""
    return math.log(in_b) / math.log(WIDTH["b"] / WIDTH["a"])
