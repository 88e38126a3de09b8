"""Section 2.2 (Zhang et al. 2017): the Rademacher complexity of linear classifiers, exactly, where dimensions are few.

Training finds the best half-space where it gets every sign right, and else nearly always a worse one: the loss that it
lowers is not the number of wrong signs. Finding the best is hard in many dimensions; in few all half-spaces can be
looked at (Cover, "Geometrical and statistical properties of systems of linear inequalities", 1965).
"""

from itertools import combinations
from math import comb

import torch
from jaxtyping import Float64
from torch import Tensor

from rotelab.errors import Refusal

MOST = 1_000_000
"""Hyperplanes that are looked at."""
_ON_THE_PLANE = 1e-9
"""Of a distance, over the length of the normal and that of the point: nearer is no general position."""


def suprema(
    points: Float64[Tensor, "point dimension"], signs: Float64[Tensor, "labeling point"]
) -> Float64[Tensor, " labeling"]:
    """sup_h (1/n) sum_i sigma_i h(x_i), 0 to 1, of each labeling, over all half-spaces h with a bias.

    For n points in general position in d dimensions every half-space labels them as one whose plane goes through d of
    them, tilted so that these d get any labels at all. So it is the greatest, over all choices of d points, of d plus
    the absolute sum of the others' sigma_i h(x_i). Up to d + 1 points all labelings are separable: 1. Raises Refusal
    where more than d points lie on a plane, and for more than a million choices.
    """
    count, dimensions = points.shape
    if count <= dimensions + 1:
        return torch.ones(len(signs), dtype=torch.float64)
    if comb(count, dimensions) > MOST:
        raise Refusal(f"{count} points in {dimensions} dimensions have more than {MOST:,} planes")
    sides = _sides(points)
    return ((sides @ signs.T).abs().amax(0) + dimensions) / count


def _sides(points: Tensor) -> Tensor:
    """(plane, point): on which side of the plane through d points each point lies, -1 or 1; 0 for these d."""
    count, dimensions = points.shape
    lifted = torch.cat([points, torch.ones(count, 1, dtype=points.dtype)], 1)
    chosen = torch.tensor(list(combinations(range(count), dimensions)))
    columns = range(dimensions + 1)
    minors = [lifted[chosen][:, :, [other for other in columns if other != column]] for column in columns]
    normals = torch.stack([(-1) ** column * torch.linalg.det(minor) for column, minor in enumerate(minors)], 1)
    distances = normals @ lifted.T
    near = distances.abs() <= _ON_THE_PLANE * normals.norm(dim=1, keepdim=True) * lifted.norm(dim=1)
    if (near.sum(1) != dimensions).any():
        raise Refusal(f"more than {dimensions} of the points lie on one plane")
    return torch.where(near, 0.0, distances.sign())
