"""Fully connected networks by depth, with and without normalization and shortcuts."""

from math import prod

from jaxtyping import Float
from torch import Tensor, nn

from rotelab.errors import check_one_of

NORMS = {"none": lambda width: nn.Identity(), "batch": nn.BatchNorm1d, "layer": nn.LayerNorm}
"""None, batch norm (Ioffe and Szegedy 2015) and layer norm (Ba et al. 2016), by the units of a layer."""


class Layer(nn.Module):
    """``y = W relu(norm(x)) + b``, and ``+ x`` where it is ``residual`` (He et al. 2016, "Identity Mappings in Deep
    Residual Networks", full pre-activation, with one layer a block)."""

    def __init__(self, width: int, norm: str, residual: bool) -> None:
        super().__init__()
        self.norm, self.linear, self.residual = NORMS[norm](width), nn.Linear(width, width), residual

    def forward(self, x: Float[Tensor, "image unit"]) -> Float[Tensor, "image unit"]:
        y = self.linear(self.norm(x).relu())
        return x + y if self.residual else y


def deep_mlp(
    image_shape: tuple[int, int, int], classes: int, width: int, depth: int, norm: str, residual: bool
) -> nn.Sequential:
    """``depth`` hidden layers of ``width`` units with ReLUs, and a linear layer; before each ReLU a ``norm``, one of
    NORMS, and around all but the first layer a shortcut where they are ``residual``.

    For images of d numbers (d + 1) w + (depth - 1) (w^2 + w) + (w + 1) classes parameters, and 2 w depth more with a
    norm. Maps (image, *image_shape) to (image, classes). ValueError for a norm that is none of them.
    """
    check_one_of("norm", norm, *NORMS)
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(prod(image_shape), width),
        *(Layer(width, norm, residual) for _ in range(depth - 1)),
        NORMS[norm](width),
        nn.ReLU(),
        nn.Linear(width, classes),
    )
