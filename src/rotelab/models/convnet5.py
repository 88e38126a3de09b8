"""The paper's small network: four convolutions and a linear layer."""

from torch import nn

from rotelab.errors import Refusal


def convnet5(image_shape: tuple[int, int, int], classes: int, width: float = 1.0) -> nn.Sequential:
    """The five-layer ConvNet of Badger (section 2): 905,930 parameters at 3x32x32 and ten classes with ``width=1``.

    Convolutions of 60 (5x5), 80 (5x5), 160 (3x3) and 320 (3x3) channels, each followed by a ReLU, with 2x2 max pooling
    after the second and the third; ``width`` multiplies the channels. Maps (image, *image_shape) to (image, classes).
    Raises Refusal for images with a side below 4, of which the pooling would leave nothing.
    """
    channels, height, side = image_shape
    if min(height, side) < 4:
        raise Refusal(f"convnet5 pools twice: images of {height}x{side} are too small, 4x4 is the least")
    a, b, c, d = (max(1, round(width * n)) for n in (60, 80, 160, 320))
    return nn.Sequential(
        nn.Conv2d(channels, a, 5, padding=2),
        nn.ReLU(),
        nn.Conv2d(a, b, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(b, c, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(c, d, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(d * (height // 4) * (side // 4), classes),
    )
