"""How large activations and slopes are through the depth of a ReLU network at random weights, in closed form.

Glorot and Bengio (2010), He et al. (2015); the spread over networks is Hanin and Rolnick's (2018).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy
from jaxtyping import Float64

from rotelab.errors import InputError


class Initialization(NamedTuple):
    """Weights of variance ``factor`` / width: independent normal ones, or ``orthogonal`` times factor^(1/2)."""

    factor: float
    orthogonal: bool = False

    @property
    def gain(self) -> float:
        """What |x|^2 is multiplied by from layer to layer, on average over networks, and |slope|^2 on the way back:
        ``factor`` / 2, as half of the units are on. 1 for He's 2 / width, 1/2 for Glorot's 2 / (width + width)."""
        return self.factor / 2

    def spread(self, width: int) -> float:
        """``E[g^2] / E[g]^2 - 1`` of one layer's factor g of |x|^2: 5 / width of normal weights, 3 / (width + 2) of
        orthogonal ones. Layers are independent: after L of them it is (1 + spread)^L - 1."""
        return 3 / (width + 2) if self.orthogonal else 5 / width


def drawn(
    of: Initialization, width: int, depth: int, generator: numpy.random.Generator
) -> list[Float64[numpy.ndarray, "_ _"]]:
    """So many square layers. Raises InputError for widths and depths below 1."""
    if width < 1 or depth < 1:
        raise InputError(f"width {width} and depth {depth}: both are at least 1")
    layers = []
    for _ in range(depth):
        normal = generator.standard_normal((width, width))
        if of.orthogonal:
            rotated, upper = numpy.linalg.qr(normal)
            layers.append(of.factor**0.5 * rotated * numpy.sign(numpy.diag(upper)))  # uniform (Mezzadri 2007)
        else:
            layers.append((of.factor / width) ** 0.5 * normal)
    return layers


def forward(
    layers: Sequence[Float64[numpy.ndarray, "_ _"]], points: Float64[numpy.ndarray, "point _"]
) -> list[Float64[numpy.ndarray, "point _"]]:
    """``x_l = max(W_l x_(l - 1), 0)`` for l = 0, ..., L."""
    found = [points]
    for layer in layers:
        found.append(numpy.maximum(found[-1] @ layer.T, 0))
    return found


def backward(
    layers: Sequence[Float64[numpy.ndarray, "_ _"]],
    activations: Sequence[Float64[numpy.ndarray, "point _"]],
    slopes: Float64[numpy.ndarray, "point _"],
) -> list[Float64[numpy.ndarray, "point _"]]:
    """The slopes of x_0, ..., x_L for those of x_L: ``W_l^T`` of those of x_l where its units are on."""
    found = [slopes]
    for layer, active in zip(reversed(layers), reversed(activations[1:]), strict=True):
        found.append((found[-1] * (active > 0)) @ layer)
    return found[::-1]


def ratios(
    of: Initialization, width: int, depth: int, generator: numpy.random.Generator
) -> tuple[Float64[numpy.ndarray, " layer"], Float64[numpy.ndarray, " layer"]]:
    """Of one network and a normal input |x_l|^2 / |x_0|^2, and of a normal slope at its end |slope of x_l|^2 over that
    of x_L; for l = 0, ..., L."""
    layers = drawn(of, width, depth, generator)
    activations = forward(layers, generator.standard_normal((1, width)))
    slopes = backward(layers, activations, generator.standard_normal((1, width)))
    sizes, back = (numpy.array([float((one**2).sum()) for one in of]) for of in (activations, slopes))
    return sizes / sizes[0], back / back[-1]
