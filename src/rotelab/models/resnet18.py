"""torchvision's ResNet18, and the two accidents of the paper's runs with it."""

from torch import nn
from torchvision.models import resnet18 as torchvision_resnet18


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
    image_shape: tuple[int, int, int], classes: int, batch_norm: str = "batch", head_classes: int | None = None
) -> nn.Module:
    """ResNet18 (He et al. 2016) as torchvision builds it, randomly initialized; any number of input channels.

    ``batch_norm`` is ``batch`` or ``frozen_init`` (see FrozenStatistics). ``head_classes`` outputs instead of one a
    class: the paper kept ImageNet's 1000, of which all but ten are never right. Raises ValueError where there are
    fewer of them than classes.
    """
    outputs = classes if head_classes is None else head_classes
    if outputs < classes:
        raise ValueError(f"model.head_classes = {outputs} is less than the {classes} classes of the data")
    if batch_norm not in ("batch", "frozen_init"):
        raise ValueError(f"model.batch_norm = {batch_norm!r} is neither 'batch' nor 'frozen_init'")
    network = torchvision_resnet18(
        num_classes=outputs, norm_layer=FrozenStatistics if batch_norm == "frozen_init" else nn.BatchNorm2d
    )
    if image_shape[0] != 3:
        network.conv1 = nn.Conv2d(image_shape[0], 64, kernel_size=7, stride=2, padding=3, bias=False)
        nn.init.kaiming_normal_(network.conv1.weight, mode="fan_out", nonlinearity="relu")
    return network
