"""The small AlexNet of Zhang et al. (2017): two convolutions with pooling and response normalization, three linear."""

from torch import nn

from rotelab.errors import Refusal
from rotelab.models.mlp import mlp


def small_alexnet(
    image_shape: tuple[int, int, int], classes: int, width: float = 1.0, dropout: float = 0.0
) -> nn.Sequential:
    """Zhang et al. (2017), appendix A: 1,387,786 parameters at 3x28x28 and ten classes with ``width=1``.

    Twice a 5x5 convolution of 64 channels, a ReLU, 3x3 max pooling that halves the sides, rounding up, and local
    response normalization; then linear layers of 384 and 192 with ReLUs, and one a class. ``width`` multiplies the
    channels and the hidden layers. The paper gives neither the 64 channels, which follow from its count, nor the
    constants of the normalization, which are those of TensorFlow's CIFAR-10 tutorial, nor the initialization: here it
    is He's. ``dropout``, after the linear ReLUs, is the probability of a zero. Raises Refusal where that is not in
    [0, 1), and for images with a side below 4.
    """
    channels, height, side = image_shape
    if min(height, side) < 4:
        raise Refusal(f"small_alexnet halves twice: images of {height}x{side} are too small, 4x4 is the least")
    maps, *widths = (max(1, round(width * n)) for n in (64, 384, 192))
    pooled = (maps, (height + 3) // 4, (side + 3) // 4)
    network = nn.Sequential(*_module(channels, maps), *_module(maps, maps), *mlp(pooled, classes, widths, dropout))
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return network


def _module(inputs: int, outputs: int) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(3, stride=2, padding=1),
        nn.LocalResponseNorm(size=9, alpha=0.001, beta=0.75, k=1.0),  # radius 4; alpha is divided by the size
    ]
