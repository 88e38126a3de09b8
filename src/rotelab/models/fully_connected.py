"""A network that knows nothing of images, by its number of parameters."""

from torch import nn

from rotelab.models.budget import nearest
from rotelab.models.mlp import mlp


def fully_connected(image_shape: tuple[int, int, int], classes: int, parameters: int) -> nn.Sequential:
    """``mlp`` of two hidden layers of as many units as come nearest to so many ``parameters``: for images of d numbers
    h units have h^2 + (d + 2 + classes) h + classes, which is 25,135 with h = 125 at 1x8x8 and ten classes.

    Permuting the pixels of all images changes nothing but the order of its weights. Maps (image, *image_shape) to
    (image, classes). Raises Refusal for ``parameters`` that no width comes near to.
    """
    width = nearest(lambda units: mlp(image_shape, classes, [units, units]), parameters)
    return mlp(image_shape, classes, [width, width])
