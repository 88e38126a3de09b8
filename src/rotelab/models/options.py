"""Options of the networks. No torch here."""

from dataclasses import dataclass
from typing import Any

from omegaconf import MISSING

from rotelab.options import (
    Choice,
    Custom,
    describes,
    require,
    require_at_most,
    require_group,
    require_one_of,
    require_positive,
)

WIDTH, UNITS = 1000, 10**6
"""The most that a network may be widened by, and the most units of a layer."""


@dataclass
class Model(Choice):
    """What every network has: whether it ends in a softmax, the paper's Eq. (2)."""

    softmax: bool = MISSING
    """Whether the network ends in a softmax, Eq. (2)."""
    init: str = MISSING
    """How weights are drawn: as by `default`, or `he`: N(0, 2 / fan_in), biases 0."""
    head_scale: float = MISSING
    """Multiplies the initial weights and biases of the last layer."""

    def __post_init__(self) -> None:
        require_one_of(self, "init", "default", "he")
        require(self, "in [0, 1e6]", lambda scale: 0 <= scale <= 1e6, "head_scale")


@describes("rotelab.models.options.CustomModel")
@dataclass
class CustomModel(Custom, Model):
    """A network of one's own: ``target(image_shape, classes, **options)``, with (channels, height, width)."""

    def __post_init__(self) -> None:
        Model.__post_init__(self)
        super().__post_init__()


@describes("rotelab.models.convnet5.convnet5")
@dataclass
class ConvNet5(Model):
    width: float = MISSING
    """Channels over the paper's."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_at_most(self, WIDTH, "width")


@describes("rotelab.models.mlp.mlp")
@dataclass
class Mlp(Model):
    widths: list[int] = MISSING
    """Units of the hidden layers."""
    dropout: float = MISSING
    """Probability that a unit is left out of a step."""

    def __post_init__(self) -> None:
        super().__post_init__()
        rule = f"a list of whole numbers greater than 0 and at most {UNITS:g}"
        require(self, rule, lambda widths: all(0 < width <= UNITS for width in widths), "widths")
        require(self, "in [0, 1)", lambda value: 0 <= value < 1, "dropout")


@describes("rotelab.models.shallow_mlp.shallow_mlp")
@describes("rotelab.models.batch_norm_cnn.batch_norm_cnn")
@describes("rotelab.models.preact_resnet18.preact_resnet18")
@dataclass
class ByWidth(Model):
    width: int = MISSING
    """Units of the hidden layer, or channels of the first one."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_at_most(self, 10**4, "width")


@describes("rotelab.models.deep_mlp.deep_mlp")
@dataclass
class DeepMlp(ByWidth):
    depth: int = MISSING
    """Hidden layers."""
    norm: str = MISSING
    """What stands before each ReLU: `none`, `batch` or `layer` norm."""
    residual: bool = MISSING
    """Whether layers but the first have a shortcut."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_at_most(self, 1000, "depth")
        require_one_of(self, "norm", "none", "batch", "layer")


@describes("rotelab.models.convolutional.convolutional")
@describes("rotelab.models.locally_connected.locally_connected")
@describes("rotelab.models.fully_connected.fully_connected")
@dataclass
class ByParameters(Model):
    parameters: int = MISSING
    """About how many the network has: its width is the one that comes nearest."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_at_most(self, 10**9, "parameters")


@describes("rotelab.models.vision_transformer.vision_transformer")
@dataclass
class VisionTransformer(ByParameters):
    patch: int = MISSING
    """Pixels of a patch's side."""
    depth: int = MISSING
    """Encoder layers."""
    heads: int = MISSING
    """Heads of the attention."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_positive(self, "patch", "depth", "heads")


@describes("rotelab.models.resnet18.resnet18")
@dataclass
class ResNet18(Model):
    width: float = MISSING
    """Channels over the paper's."""
    batch_norm: str = MISSING
    """`batch`, or `frozen_init`: statistics as they were at the start, as in the author's runs."""
    head_classes: int | None = MISSING
    """Outputs; null: one a class."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_one_of(self, "batch_norm", "batch", "frozen_init")
        require_at_most(self, WIDTH, "width")
        require_at_most(self, UNITS, "head_classes")


@describes("rotelab.models.resnet50.resnet50")
@dataclass
class ResNet50(Model):
    width: float = MISSING
    """Channels over the paper's."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_at_most(self, WIDTH, "width")


@describes("rotelab.models.inception_v3.inception_v3")
@dataclass
class InceptionV3(Model):
    width: float = MISSING
    """Channels over the paper's, to the next sixteenth."""
    dropout: float = MISSING
    """Probability that a unit of the last layer's inputs is left out of a step."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_at_most(self, WIDTH, "width")
        require(self, "in [0, 1)", lambda value: 0 <= value < 1, "dropout")


@describes("rotelab.models.small_alexnet.small_alexnet")
@dataclass
class SmallAlexNet(Model):
    width: float = MISSING
    """Channels over the paper's."""
    dropout: float = MISSING
    """Probability that a unit is left out of a step."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_at_most(self, WIDTH, "width")
        require(self, "in [0, 1)", lambda value: 0 <= value < 1, "dropout")


@describes("rotelab.models.small_inception.small_inception")
@dataclass
class SmallInception(Model):
    width: float = MISSING
    """Channels over the paper's."""
    batch_norm: bool = MISSING
    """Whether there is any."""
    dropout: float = MISSING
    """Probability that a unit is left out of a step."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_at_most(self, WIDTH, "width")
        require(self, "in [0, 1)", lambda value: 0 <= value < 1, "dropout")


@describes("rotelab.models.timm.timm")
@dataclass
class Timm(Model):
    name: str = MISSING
    """timm's name of the network, such as `resnet10t`."""
    options: Any = MISSING
    """What ``timm.create_model`` is given besides, such as ``{drop_rate:0.1}``; null: nothing."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_group(self, "options")
