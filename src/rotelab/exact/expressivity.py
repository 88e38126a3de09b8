"""Theorem 1 (Zhang et al. 2017): two layers of ReLUs with 2n + d weights give n points in d dimensions any values."""

from typing import NamedTuple

import torch
from jaxtyping import Float, Float64
from torch import Tensor, nn

from rotelab.errors import Refusal


class TwoLayers(nn.Module):
    """c(x) = sum_j w_j max(<a, x> - b_j, 0), the network of Theorem 1 (Zhang et al. 2017), in float64.

    Its weights are a: d, b: n, w: n. Takes points (point, dimension), or images, which it flattens; gives a value each.
    """

    def __init__(
        self, a: Float64[Tensor, " dimension"], b: Float64[Tensor, " unit"], w: Float64[Tensor, " unit"]
    ) -> None:
        super().__init__()
        self.a, self.b, self.w = nn.Parameter(a), nn.Parameter(b), nn.Parameter(w)

    def forward(self, points: Float[Tensor, "point ..."]) -> Float64[Tensor, " point"]:
        return (points.flatten(1).to(self.a.dtype) @ self.a)[:, None].sub(self.b).relu() @ self.w


class Representation(NamedTuple):
    """A network that represents the values, and how well: 2n + d weights, how well conditioned, how exact.

    ``lambda_min`` is min_i (z_i - b_i), the least eigenvalue of the triangular matrix, in units of the spread of the
    points' projections; ``w_max`` the greatest |w_j|; ``residual`` the greatest |c(x_i) - y_i|, in units of the values.
    """

    network: TwoLayers
    weights: int
    lambda_min: float
    w_max: float
    residual: float


def represent(
    points: Float64[Tensor, "point dimension"],
    values: Float64[Tensor, " point"],
    generator: torch.Generator,
    directions: int = 16,
) -> Representation:
    """Theorem 1's proof (Zhang et al. 2017), as a program: a at random, b between the projections, w by A w = y.

    z = <a, x> in order, b_1 = z_1 - 1 < z_1 < b_2 < z_2 < ... < b_n < z_n, the b midway, and A_ij = max(z_i - b_j, 0)
    is lower triangular with a positive diagonal. The theorem takes any a that tells the points apart; of so many random
    ``directions`` the one is kept whose closest two projections are the farthest apart, because w, and with it the
    rounding, grows with 1 / that gap. z is scaled to a standard deviation of 1, so that the gap has a unit.

    Raises ValueError where two points project to the same number, as duplicates do, and where a number isn't finite.
    """
    if len(points) == 0 or directions < 1:
        raise ValueError(f"it takes a point and a direction at least, not {len(points)} and {directions}")
    if not (points.isfinite().all() and values.isfinite().all()):
        raise ValueError("points and values have to be finite numbers")
    a = torch.randn(points.shape[1], directions, generator=generator, dtype=points.dtype)
    z = points @ a
    if len(points) > 1:
        spread = torch.where(z.std(0) > 0, z.std(0), 1)  # 0 where all points are one: refused below
        a = a / spread
        gaps = (z / spread).sort(0).values.diff(dim=0).amin(0)
        a = a[:, gaps.argmax()]
    else:
        a = a[:, 0]
    z, order = (points @ a).sort()  # computed anew, as the network does: another order of sums rounds otherwise
    _refuse_ties(z, order)
    b = torch.cat([z[:1] - 1, (z[1:] + z[:-1]) / 2])
    matrix = (z[:, None] - b).relu()
    w = torch.linalg.solve_triangular(matrix, values[order][:, None], upper=False)[:, 0]
    network = TwoLayers(a, b, w)
    with torch.no_grad():
        residual = float((network(points) - values).abs().max())
    count = sum(parameter.numel() for parameter in network.parameters())
    return Representation(network, count, float((z - b).min()), float(w.abs().max()), residual)


def _refuse_ties(z: Float64[Tensor, " point"], order: Tensor) -> None:
    """Projections closer than rounding are as bad as equal ones: what separates them would be noise."""
    close = z.diff() <= 8 * torch.finfo(z.dtype).eps * z.abs().max()
    if close.any():
        at = int(close.nonzero()[0])
        pair = sorted((int(order[at]), int(order[at + 1])))
        raise Refusal(
            f"points {pair[0]} and {pair[1]} project to the same number, {z[at]:g}: are they duplicates? "
            "Theorem 1 is about distinct points"
        )
