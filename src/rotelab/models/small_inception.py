"""The small Inception of Zhang et al. (2017): convolutions of two sizes side by side, with or without batch norm."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rotelab.errors import Refusal

MODULES = ((32, 32), (32, 48), 80, (112, 48), (96, 64), (80, 80), (48, 96), 96, (176, 160), (176, 160))
"""Figure 3: channels of the 1x1 and of the 3x3 convolution of an Inception module, or of a downsampling one's 3x3."""


class Branches(nn.ModuleList):
    """Modules that read the same maps; their outputs, concatenated along the channels."""

    def forward(
        self, maps: Float[Tensor, "image channel height width"]
    ) -> Float[Tensor, "image out_channel out_height out_width"]:
        return torch.cat([branch(maps) for branch in self], dim=1)


def small_inception(
    image_shape: tuple[int, int, int],
    classes: int,
    width: float = 1.0,
    batch_norm: bool = True,
    dropout: float = 0.0,
) -> nn.Sequential:
    """Zhang et al. (2017), Figure 3: 1,649,402 parameters for three channels and ten classes with ``width=1``.

    A 3x3 convolution of 96 channels, the ten ``MODULES``, the mean over each channel and a linear layer; ``width``
    multiplies the channels. Convolutions have a bias and are followed by a ReLU, and before that by batch norm without
    parameters if ``batch_norm``, which makes their biases idle: so both versions have the paper's count. A
    downsampling module halves the sides, rounding up (28, 14, 7 or 14, 7, 4). He's initialization, as the paper gives
    none. ``dropout``, of the means, is the probability of a zero. Raises Refusal where that is not in [0, 1), and
    for images with a side below 4.
    """
    channels, height, side = image_shape
    if min(height, side) < 4:
        raise Refusal(f"small_inception halves twice: images of {height}x{side} are too small, 4x4 is the least")
    if not 0 <= dropout < 1:
        raise Refusal(f"model.dropout = {dropout} is not in [0, 1)")

    def scaled(count: int) -> int:
        return max(1, round(width * count))

    maps = scaled(96)
    layers: list[nn.Module] = [_convolution(channels, maps, 3, batch_norm)]
    for module in MODULES:
        if isinstance(module, int):
            narrow, wide = maps, scaled(module)
            branches = [_convolution(maps, wide, 3, batch_norm, stride=2), nn.MaxPool2d(3, stride=2, padding=1)]
        else:
            narrow, wide = map(scaled, module)
            branches = [_convolution(maps, narrow, 1, batch_norm), _convolution(maps, wide, 3, batch_norm)]
        layers.append(Branches(branches))
        maps = narrow + wide
    means = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), *([nn.Dropout(dropout)] if dropout else [])]
    network = nn.Sequential(*layers, *means, nn.Linear(maps, classes))
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return network


def _convolution(inputs: int, outputs: int, size: int, batch_norm: bool, stride: int = 1) -> nn.Module:
    norm = [nn.BatchNorm2d(outputs, affine=False)] if batch_norm else []
    return nn.Sequential(nn.Conv2d(inputs, outputs, size, stride, padding=size // 2), *norm, nn.ReLU())
