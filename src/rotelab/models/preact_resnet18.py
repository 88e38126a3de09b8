"""The pre-activation ResNet18 of "Deep Double Descent"."""

from itertools import pairwise

from jaxtyping import Float
from torch import Tensor, nn


class PreActBlock(nn.Module):
    """Batch norm and ReLU before each of two convolutions, and a shortcut from the first ReLU where channels or sides
    change, else from the input (He et al. 2016, "Identity mappings in deep residual networks")."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.BatchNorm2d(inputs), nn.BatchNorm2d(outputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        same = stride == 1 and inputs == outputs
        self.shortcut = None if same else nn.Conv2d(inputs, outputs, 1, stride, bias=False)

    def forward(self, x: Float[Tensor, "image channel height width"]) -> Float[Tensor, "image outputs ..."]:
        active = self.norm1(x).relu()
        kept = x if self.shortcut is None else self.shortcut(active)
        return self.conv2(self.norm2(self.conv1(active)).relu()) + kept


def preact_resnet18(image_shape: tuple[int, int, int], classes: int, width: int) -> nn.Sequential:
    """PreAct-ResNet18 as Nakkiran et al. (2020), "Deep Double Descent", scale it: a 3x3 convolution, four stages of two
    blocks of k, 2k, 4k and 8k channels for ``width`` k, the last three at half the side of the one before, the mean
    over space, and a linear layer. There is no batch norm after the last block.

    2,947 parameters at 3x32x32 and ten classes with k = 1, 11,171,146 with k = 64. Maps (image, *image_shape) to
    (image, classes).
    """
    channels = [width, width, 2 * width, 4 * width, 8 * width]
    return nn.Sequential(
        nn.Conv2d(image_shape[0], width, 3, padding=1, bias=False),
        *(
            nn.Sequential(PreActBlock(a, b, stride), PreActBlock(b, b, 1))
            for (a, b), stride in zip(pairwise(channels), (1, 2, 2, 2), strict=True)
        ),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8 * width, classes),
    )
