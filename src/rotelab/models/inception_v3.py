"""InceptionV3 of torchvision's modules, on which Zhang et al. (2017) tried ImageNet with random labels."""

from collections.abc import Callable
from functools import partial
from typing import Any

from torch import nn
from torchvision.models.inception import (
    BasicConv2d,
    Inception3,
    InceptionA,
    InceptionB,
    InceptionC,
    InceptionD,
    InceptionE,
)

from rotelab.errors import Refusal

LEAST = 75
"""Pixels of a side, under which a pooling finds nothing left."""
OUTPUTS = 2048
"""Channels of the last module."""


def inception_v3(
    image_shape: tuple[int, int, int], classes: int, width: float = 1.0, dropout: float = 0.0
) -> nn.Module:
    """InceptionV3 (Szegedy et al. 2016, Table 1), torchvision's without the auxiliary head, randomly initialized.

    With ``width=1`` and three channels it has torchvision's 23,834,568 parameters for 1000 classes. The auxiliary head
    is left out: its loss would be a second one beside Eq. (1)'s, and Zhang et al. give none. Weights are drawn as
    there, from a normal distribution of deviation 0.1, cut at 2. ``width`` multiplies the channels, all of which are
    multiples of sixteen, and is rounded to a sixteenth, one at least. ``dropout``, of the last layer's inputs, is the
    probability of a zero. Raises Refusal for images with a side below 75, and for a dropout that is not in [0, 1).
    """
    channels, height, side = image_shape
    if min(height, side) < LEAST:
        raise Refusal(f"inception_v3: images of {height}x{side} are too small, {LEAST}x{LEAST} is the least")
    if not 0 <= dropout < 1:
        raise Refusal(f"model.dropout = {dropout} is not in [0, 1)")
    sixteenths = max(1, round(16 * width))

    def scaled(count: int) -> int:
        return count * sixteenths // 16

    def convolution(inputs: int, outputs: int, **options: Any) -> nn.Module:
        """The first has the images' channels, which torchvision takes to be three."""
        return BasicConv2d(channels if inputs == 3 else scaled(inputs), scaled(outputs), **options)

    modules = (InceptionA, InceptionB, InceptionC, InceptionD, InceptionE)
    made: list[Callable[..., nn.Module]] = [partial(module, conv_block=convolution) for module in modules]
    blocks = [convolution, *made, nn.Identity]
    network = Inception3(
        classes, aux_logits=False, transform_input=False, inception_blocks=blocks, init_weights=False, dropout=dropout
    )
    if not dropout:
        setattr(network, "dropout", nn.Identity())  # noqa: B010, which is a Dropout for a type checker
    network.fc = nn.Linear(scaled(OUTPUTS), classes)
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.trunc_normal_(module.weight, std=0.1)
    return network
