"""Three convolutions and a linear layer: the network that ``locally_connected`` shares its shape with."""

from collections.abc import Callable

from torch import nn

from rotelab.errors import Refusal
from rotelab.models.budget import nearest

STRIDES = (1, 2, 2)
Layer = Callable[[int, int, tuple[int, int], int], nn.Module]
"""(channels in, channels out, (height, width) of the inputs, stride) -> a 3x3 layer with padding 1."""


def convolutional(image_shape: tuple[int, int, int], classes: int, parameters: int) -> nn.Sequential:
    """Three 3x3 convolutions with ReLUs, strides of 1, 2 and 2, as many channels each, and a linear layer. A kernel
    slides over all places: what is learned at one holds at the others.

    Channels are as many as come nearest to so many ``parameters``: at 1x8x8 and ten classes k channels have
    18 k^2 + 52 k + 10, which is 25,210 with k = 36. Maps (image, *image_shape) to (image, classes). Raises Refusal for
    images with a side below 4, and for ``parameters`` that no width comes near to.
    """

    def convolution(inputs: int, outputs: int, sides: tuple[int, int], stride: int) -> nn.Module:
        return nn.Conv2d(inputs, outputs, 3, stride, padding=1)

    return of_three(image_shape, classes, parameters, convolution)


def of_three(image_shape: tuple[int, int, int], classes: int, parameters: int, layer: Layer) -> nn.Sequential:
    """The network above, of this ``layer``."""
    channels, *sides = image_shape
    if min(sides) < 4:
        raise Refusal(f"images of {sides[0]}x{sides[1]} are too small for two strides of 2, 4x4 is the least")

    def build(width: int) -> nn.Sequential:
        layers: list[nn.Module] = []
        inputs, (height, side) = channels, sides
        for stride in STRIDES:
            layers += [layer(inputs, width, (height, side), stride), nn.ReLU()]
            inputs, height, side = width, -(-height // stride), -(-side // stride)
        return nn.Sequential(*layers, nn.Flatten(), nn.Linear(width * height * side, classes))

    return build(nearest(build, parameters))
