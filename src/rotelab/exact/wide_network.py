"""Wide ReLU networks whose weights are factors of size 1: the NTK parametrization (Jacot, Gabriel, Hongler 2018)."""

from itertools import pairwise

import torch
from jaxtyping import Float64
from torch import Tensor, nn


class WideNetwork(nn.Module):
    """``hidden`` layers of ``units`` ReLUs and one output; without biases, each layer times (weights / fan-in)^(1/2).

    At infinite width its kernels are those of ``infinite_width.kernels`` with the same variance ``weights``.
    """

    def __init__(
        self, dimensions: int, units: int, hidden: int, generator: torch.Generator, weights: float = 2.0
    ) -> None:
        super().__init__()
        sizes = [dimensions, *[units] * hidden, 1]
        self.gain = weights
        self.layers = nn.ParameterList(
            torch.randn(after, before, generator=generator, dtype=torch.float64) for before, after in pairwise(sizes)
        )

    def forward(self, inputs: Float64[Tensor, "point dimension"]) -> Float64[Tensor, "point 1"]:
        first, *others = ((self.gain / layer.shape[1]) ** 0.5 * layer for layer in self.layers)
        hidden = inputs @ first.T
        for layer in others:
            hidden = hidden.relu() @ layer.T
        return hidden


def descended(
    network: WideNetwork,
    points: Float64[Tensor, "point dimension"],
    targets: Float64[Tensor, " point"],
    queries: Float64[Tensor, "query dimension"],
    rate: float,
    steps: int,
) -> Float64[Tensor, " query"]:
    """The change of the network's output at ``queries`` after gradient descent of its change at the points on ``mean of
    (f - y)^2 / 2``; the weights change."""
    with torch.no_grad():
        known, new = network(points)[:, 0], network(queries)[:, 0]
    for _ in range(steps):
        loss = (network(points)[:, 0] - known - targets).square().mean() / 2
        slopes = torch.autograd.grad(loss, [*network.parameters()])
        with torch.no_grad():
            for weights, slope in zip(network.parameters(), slopes, strict=True):
                weights -= rate * slope
    with torch.no_grad():
        return network(queries)[:, 0] - new
