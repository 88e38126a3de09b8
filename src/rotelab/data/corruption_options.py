"""Options of what happens to images and labels. No torch here."""

from dataclasses import dataclass
from typing import Any, ClassVar

from omegaconf import MISSING

from rotelab.data import splits
from rotelab.options import Choice, describes, require, require_one_of, require_unit_interval


@dataclass
class Corruption(Choice):
    """What every corruption has: the seed of its randomness, and the splits that it touches."""

    seed: int = MISSING
    """Seed of the corruption: the same seed, the same corruption, in every run."""
    splits: list[str] = MISSING
    """The splits that it changes."""

    def __post_init__(self) -> None:
        known = set(splits.NAMES)
        require(self, f"a list of {', '.join(splits.NAMES)}", lambda names: known.issuperset(names), "splits")


@dataclass
class Inputs(Choice):
    pass


@describes("rotelab.data.inputs.clean")
@dataclass
class CleanInputs(Corruption, Inputs):
    pass


@describes("rotelab.data.inputs.gaussian_blend")
@dataclass
class GaussianBlend(Corruption, Inputs):
    noise: float = MISSING
    """Share of noise: 0 is the image, 1 is noise alone."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_unit_interval(self, "noise")


@describes("rotelab.data.inputs.translated")
@dataclass
class Translated(Corruption, Inputs):
    pixels: int = MISSING
    """The most by which an image is moved, down or up and right or left."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self, "0 or more", lambda value: value >= 0, "pixels")


@describes("rotelab.data.inputs.blurred")
@dataclass
class Blurred(Corruption, Inputs):
    sigma: float = MISSING
    """Standard deviation of the blur, in pixels."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self, "0 to 1,000 pixels", lambda value: 0 <= value <= 1000, "sigma")


@describes("rotelab.data.inputs.shuffled_pixels")
@describes("rotelab.data.inputs.random_pixels")
@dataclass
class PermutedPixels(Corruption, Inputs):
    channels: str = MISSING
    """`tied`: all channels of a pixel go together; `free`: each by itself."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_one_of(self, "channels", "tied", "free")


@describes("rotelab.data.inputs.gaussian")
@dataclass
class Gaussian(PermutedPixels):
    moments: str = MISSING
    """Mean and deviation of the noise: of each `channel` of the train images, or of `all` values."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_one_of(self, "moments", "channel", "all")


@describes("rotelab.data.inputs.Chain")
@dataclass
class Chain(Inputs):
    """Corruptions, one after the other."""

    parts: ClassVar[tuple[str, ...]] = ("first", "then")

    first: Any = MISSING
    """A corruption."""
    then: Any = MISSING
    """The one after it."""


@dataclass
class Labels(Corruption):
    pass


@describes("rotelab.data.labels.clean")
@dataclass
class CleanLabels(Labels):
    pass


@describes("rotelab.data.labels.permuted")
@dataclass
class PermutedLabels(Labels):
    fraction: float = MISSING
    """Share of the labels that are permuted or drawn anew."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_unit_interval(self, "fraction")


@describes("rotelab.data.labels.corrupted")
@dataclass
class CorruptedLabels(PermutedLabels):
    among: str = MISSING
    """What a label is drawn from: `all` classes, or the `wrong` ones."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_one_of(self, "among", "all", "wrong")
