"""ResNet-50 of torchvision's blocks."""

from torch import nn
from torchvision.models.resnet import Bottleneck

from rotelab.models.resnet18 import residual


def resnet50(image_shape: tuple[int, int, int], classes: int, width: float = 1.0) -> nn.Module:
    """ResNet-50 (He et al. 2016, Table 1), 256 to 2048 channels times ``width``, randomly initialized.

    With ``width=1`` it is torchvision's, for images of any number of channels: 25,557,032 parameters for 1000 classes.
    The stride of a block is in its 3x3 convolution, as torchvision and those who train on ImageNet have it.
    """
    return residual(image_shape[0], classes, width, _stage, (3, 4, 6, 3), Bottleneck.expansion)


def _stage(inputs: int, channels: int, stride: int, blocks: int) -> nn.Module:
    """So many blocks of ``4 * channels`` outputs; the first divides the sides by ``stride``."""
    outputs = Bottleneck.expansion * channels
    shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
    first = Bottleneck(inputs, channels, stride, shortcut)
    return nn.Sequential(first, *(Bottleneck(outputs, channels) for _ in range(blocks - 1)))
