"""ResNet18 of torchvision's blocks, and the two accidents of the paper's runs with it."""

from collections.abc import Callable, Sequence

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

    def stage(inputs: int, channels: int, stride: int, blocks: int) -> nn.Module:
        return _stage(inputs, channels, stride, norm)

    return residual(image_shape[0], outputs, width, stage, norm=norm)


def residual(
    channels: int,
    outputs: int,
    width: float,
    stage: Callable[[int, int, int, int], nn.Module],
    blocks: Sequence[int] = (2, 2, 2, 2),
    expansion: int = 1,
    norm: Callable[[int], nn.Module] = nn.BatchNorm2d,
) -> nn.Sequential:
    """A residual network for images of so many ``channels`` (He et al. 2016, Table 1): a 7x7 convolution and a pooling,
    four stages, the mean over each channel and a linear layer. ``stage(inputs, channels, stride, blocks)`` is one of
    so many blocks, whose outputs have ``expansion`` times the channels; convolutions are drawn from
    ``N(0, 2 / fan_out)``."""
    first, *of_stages = [max(1, round(width * n)) for n in (64, 64, 128, 256, 512)]
    arriving = [first, *(expansion * n for n in of_stages)]
    network = nn.Sequential(
        nn.Conv2d(channels, first, 7, stride=2, padding=3, bias=False),
        norm(first),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, stride=2, padding=1),
        *map(stage, arriving, of_stages, (1, 2, 2, 2), blocks),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(arriving[-1], outputs),
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
