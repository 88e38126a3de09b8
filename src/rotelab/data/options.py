"""Options of the sources of images; of what happens to images and labels: ``corruption_options``. No torch here."""

from dataclasses import dataclass
from typing import Any

from omegaconf import MISSING

from rotelab.data import splits
from rotelab.data.corruption_options import Inputs, Labels
from rotelab.errors import InputError, Refusal
from rotelab.options import (
    Choice,
    below,
    describes,
    group,
    require,
    require_at_most,
    require_one_of,
    require_positive,
    require_unit_interval,
    typed,
)


@dataclass
class Augmentation:
    random_crop: bool = MISSING
    """Whether `crop` is cut out at a place drawn for every epoch."""
    flip: float = MISSING
    """Probability of a mirrored image."""
    brightness: float = MISSING
    """The most by which brightness changes, as a share."""
    saturation: float = MISSING
    """The most by which saturation changes, as a share."""
    hue: float = MISSING
    """The most by which the hue turns, as a share of the circle."""
    rotation: float = MISSING
    """The most by which an image is turned."""

    def __post_init__(self) -> None:
        require_unit_interval(self, "flip", "brightness", "saturation")
        require(self, "in [0, 0.5]", lambda value: 0 <= value <= 0.5, "hue")
        require(self, "in [0, 180] degrees", lambda value: 0 <= value <= 180, "rotation")


def _distinct(names: list[str]) -> bool:
    return 0 < len(set(names)) == len(names)


@dataclass
class Data(Choice):
    """What every dataset has; the fields that a subclass adds are the arguments of its source."""

    size: int = MISSING
    """Images of a split, where slices refer to it."""
    side: int | None = MISSING
    """Pixels of a side to which images are resized; null: as they are."""
    order: str = MISSING
    """Order of the images before splits are cut: `by_name`, or `shuffled` by `order_seed`."""
    order_seed: int = MISSING
    """Seed of `order=shuffled`."""
    seed_bits: int = MISSING
    """Bits of the seeds of noise: with 64 no two images share theirs."""
    batch_size: int = MISSING
    """Images of a batch, of each half."""
    batch_order: str = MISSING
    """`fixed`, or `reshuffled` every epoch from the run's seed."""
    pairs: str = MISSING
    """`as_ordered`, or `balanced`: the pseudo-test image beside a train image is of its class."""
    class_groups: int | None = MISSING
    """How many groups of neighbouring classes are told apart, in the place of the classes: 2, the first half of them
    against the second; null: the classes themselves."""
    positive_classes: list[str] | None = MISSING
    """Names of the classes that are told from all others, in the place of the classes: `[ship,truck]`; null: none."""
    split: Any = MISSING
    """The slice of the data that a split is; `data/split=...` chooses all three."""
    inputs: Any = MISSING
    """What happens to images: `data/inputs=gaussian_blend`."""
    labels: Any = MISSING
    """What happens to labels: `data/labels=random`."""
    crop: int | None = MISSING
    """Pixels of a side that are cut out of the middle; null: none."""
    augmentation: Any = MISSING
    """Changes drawn for every epoch: `data/augmentation=full`."""
    standardize: bool = MISSING
    """Whether each image gets mean 0 and deviation 1."""
    whiten: float | None = MISSING
    """Floor of ZCA whitening, by what both halves are, over the mean variance; null: none."""

    def __post_init__(self) -> None:
        require_positive(self, "size", "batch_size")
        require(self, "in [1, 4096] pixels", lambda value: 1 <= value <= 4096, "side", "crop")
        require_at_most(self, 1e6, "whiten")
        require(self, "2 or more", lambda value: value >= 2, "class_groups")
        require(self, "one name or more, each once", _distinct, "positive_classes")
        if self.class_groups is not None and self.positive_classes is not None:
            raise Refusal("class_groups and positive_classes can't both be given")
        require_one_of(self, "order", "shuffled", "by_name")
        require_one_of(self, "batch_order", "fixed", "reshuffled")
        require_one_of(self, "pairs", "as_ordered", "balanced")
        require(self, "32 or 64", lambda value: value in (32, 64), "seed_bits")
        splits.check_names(self.split)
        for name, text in self.split.items():
            if not isinstance(text, str):
                raise Refusal(f"split.{name} = {text} is not a slice such as train[:2560]")
            try:
                splits.Slice.parse(text)
            except InputError as error:
                raise Refusal(f"split.{name}: {error}") from error
        try:
            splits.parse(self.split)
        except InputError as error:
            raise Refusal(f"split: {error}") from error
        self.inputs = typed(Inputs, self.inputs, "inputs")
        self.labels = typed(Labels, self.labels, "labels")
        self.augmentation = below("augmentation", Augmentation, group("augmentation", self.augmentation))
        if self.augmentation.random_crop and self.crop is None:
            raise Refusal("augmentation.random_crop = true needs crop, the side of what is left")


@describes("rotelab.data.sources.digits")
@dataclass
class Digits(Data):
    pass


@describes("rotelab.data.sources.cifar10")
@describes("rotelab.data.sources.fashion_mnist")
@dataclass
class Torchvision(Data):
    folder: str = MISSING
    """Where the images lie, or are downloaded to."""
    download: bool = MISSING
    """Whether they may be fetched."""


@describes("rotelab.data.sources.cifar10_1")
@dataclass
class Cifar10Point1(Torchvision):
    version: str = MISSING
    """Of CIFAR-10.1: `v6`, 2,000 images, or `v4`, 2,021."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_one_of(self, "version", "v4", "v6")


@dataclass
class Own(Data):
    """What all images of one's own have."""

    folder: str = MISSING
    """The folder that they lie in, or the one file that holds them or says what they show."""
    storage: str = MISSING
    """`memory`, `stream` from the files, or `auto`: in memory where they fit into half of what is free."""

    def __post_init__(self) -> None:
        require_one_of(self, "storage", "auto", "memory", "stream")
        super().__post_init__()


@dataclass
class Encoded(Own):
    """Images of formats such as JPEG."""

    cache: str = MISSING
    """Where decoded images are kept."""
    on_bad_image: str = MISSING
    """What an image that can't be decoded is: an `error`, or left out (`skip`)."""

    def __post_init__(self) -> None:
        require_one_of(self, "on_bad_image", "error", "skip")
        super().__post_init__()


@describes("rotelab.data.sources.image_folder")
@dataclass
class ImageFolder(Encoded):
    folder: str = MISSING
    """It holds `train/<class>/*` and `test/<class>/*`, or `<class>/*`."""


@describes("rotelab.data.sources.csv")
@describes("rotelab.data.sources.parquet")
@dataclass
class Tabled(Encoded):
    """Images with a table that says what they show."""

    label_column: str | None = MISSING
    """The column of labels; null: the one called label, class or the like."""


@describes("rotelab.data.sources.npz")
@dataclass
class Npz(Own):
    pass


@describes("rotelab.data.sources.webdataset")
@dataclass
class Webdataset(Encoded):
    pass
