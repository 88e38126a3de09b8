"""ResNet18 of torchvision's blocks, and the two accidents of the paper's runs with it."""

from collections.abc import Callable
from itertools import pairwise

from torch import nn
from torchvision.models.resnet import BasicBlock

from rotelab.errors import Refusal


class FrozenStatistics(nn.BatchNorm2d):
    """Batch norm whose running statistics stay at their initial 0 and 1: an affine map of each channel, learned.

    So the paper's ResNet18 was trained: its evaluation switched to eval mode before the first step and never back.
    """

    def __init__(self, num_features: int) -> None:
        super().__init__(num_features)
        self.eval()

    def train(self, mode: bool = True) -> "FrozenStatistics":
        return super().train(False)


def resnet18(
    image_shape: tuple[int, int, int],
    classes: int,
    width: float = 1.0,
    batch_norm: str = "batch",
    head_classes: int | None = None,
) -> nn.Module:
    """ResNet18 (He et al. 2016) of torchvision's blocks, 64 to 512 channels times ``width``, randomly initialized.

    With ``width=1`` it is torchvision's, for images of any number of channels. ``batch_norm`` is ``batch`` or
    ``frozen_init`` (see FrozenStatistics). ``head_classes`` outputs instead of one a class: the paper kept ImageNet's
    1000, of which all but ten are never right. Raises Refusal where there are fewer of them than classes.
    """
    outputs = classes if head_classes is None else head_classes
    if outputs < classes:
        raise Refusal(f"model.head_classes = {outputs} is less than the {classes} classes of the data")
    if batch_norm not in ("batch", "frozen_init"):
        raise Refusal(f"model.batch_norm = {batch_norm!r} is neither 'batch' nor 'frozen_init'")
    norm = FrozenStatistics if batch_norm == "frozen_init" else nn.BatchNorm2d
    first, *_, last = channels = [max(1, round(width * n)) for n in (64, 64, 128, 256, 512)]
    network = nn.Sequential(
        nn.Conv2d(image_shape[0], first, 7, stride=2, padding=3, bias=False),
        norm(first),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, stride=2, padding=1),
        *(_stage(a, b, stride, norm) for (a, b), stride in zip(pairwise(channels), (1, 2, 2, 2), strict=True)),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(last, outputs),
    )
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return network


def _stage(inputs: int, outputs: int, stride: int, norm: Callable[[int], nn.Module]) -> nn.Module:
    """Two blocks; the first halves the sides where ``stride`` is 2, and its shortcut with it."""
    shortcut = None
    if stride > 1:
        shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), norm(outputs))
    return nn.Sequential(
        BasicBlock(inputs, outputs, stride, shortcut, norm_layer=norm), BasicBlock(outputs, outputs, norm_layer=norm)
    )
