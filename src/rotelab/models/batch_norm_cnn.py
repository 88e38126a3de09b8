"""The five-layer convolutional network of "Deep Double Descent"."""

from itertools import pairwise

from torch import nn

from rotelab.errors import Refusal


def batch_norm_cnn(image_shape: tuple[int, int, int], classes: int, width: int) -> nn.Sequential:
    """The 5-layer CNN of Nakkiran et al. (2020), "Deep Double Descent", after Page (2018): four 3x3 convolutions of
    k, 2k, 4k and 8k channels for ``width`` k, each with batch norm and a ReLU, max pooling of 2 after the second and
    the third and over all that is left (8 at a side of 32) after the last, and a linear layer.

    540 parameters at 3x32x32 and ten classes with k = 1, 1,558,026 with k = 64. Maps (image, *image_shape) to (image,
    classes). Raises Refusal for images with a side below 4, of which the pooling would leave nothing.
    """
    channels, height, side = image_shape
    if min(height, side) < 4:
        raise Refusal(f"batch_norm_cnn pools twice: images of {height}x{side} are too small, 4x4 is the least")
    pools = [None, 2, 2, (height // 4, side // 4)]
    layers: list[nn.Module] = []
    for (a, b), pool in zip(pairwise([channels, width, 2 * width, 4 * width, 8 * width]), pools, strict=True):
        layers += [nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b), nn.ReLU(), *([nn.MaxPool2d(pool)] if pool else [])]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(8 * width, classes))
