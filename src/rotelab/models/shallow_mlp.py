"""A network of one hidden layer, by its width."""

from torch import nn

from rotelab.models.mlp import mlp


def shallow_mlp(image_shape: tuple[int, int, int], classes: int, width: int) -> nn.Sequential:
    """``mlp`` of one hidden layer of ``width`` units: ``d width + width + classes width + classes`` parameters for
    images of d numbers, which is 1,060 for 8x8 images, ten classes and 14 units.

    Maps (image, *image_shape) to (image, classes).
    """
    return mlp(image_shape, classes, [width])
