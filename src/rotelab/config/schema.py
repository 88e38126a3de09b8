"""Types and ranges of every option, checked before torch is imported. The values themselves stand in ``conf/``.

A dataclass per choice of a config group; ``@describes`` names the ``_target_`` whose arguments it describes. Apart from
``_target_``, the fields of a dataclass are all that its YAML and the command line may give.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, make_dataclass
from functools import cache
from typing import Any, ClassVar, get_origin

from omegaconf import MISSING, DictConfig, OmegaConf
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from rotelab import objectives
from rotelab.config import choices
from rotelab.data import splits
from rotelab.errors import InputError

TARGETS: dict[str, type] = {
    f"rotelab.objectives.{kind.__name__}": kind for kind in objectives.Objective.__subclasses__()
}


def describes(target: str) -> Callable[[type], type]:
    """Register the dataclass as the one that describes the options of ``target``."""

    def register(kind: type) -> type:
        TARGETS[target] = kind
        return kind

    return register


def _require(options: Any, rule: str, holds: Callable[[Any], bool], *names: str) -> None:
    for name in names:
        value = getattr(options, name)
        if value is not None and not holds(value):
            raise ValueError(f"{name} = {value} is not {rule}")


def _require_one_of(options: Any, name: str, *allowed: str) -> None:
    _require(options, f"one of {', '.join(allowed)}", lambda value: value in allowed, name)


def _require_positive(options: Any, *names: str) -> None:
    _require(options, "greater than 0", lambda value: 0 < value < float("inf"), *names)


def _require_at_most(options: Any, most: int | float, *names: str) -> None:
    """Greater than 0, and no more than what any machine could hold: beyond, torch ends in overflows."""
    _require(options, f"greater than 0 and at most {most:g}", lambda value: 0 < value <= most, *names)


def _require_unit_interval(options: Any, *names: str) -> None:
    _require(options, "in [0, 1]", lambda value: 0 <= value <= 1, *names)


@dataclass
class Corruption:
    """What every corruption has: the seed of its randomness, and the splits that it touches."""

    seed: int = MISSING
    splits: list[str] = MISSING

    def __post_init__(self) -> None:
        known = set(splits.NAMES)
        _require(self, f"a list of {', '.join(splits.NAMES)}", lambda names: known.issuperset(names), "splits")


@dataclass
class Inputs:
    pass


@describes("rotelab.data.inputs.clean")
@dataclass
class CleanInputs(Corruption, Inputs):
    pass


@describes("rotelab.data.inputs.gaussian_blend")
@dataclass
class GaussianBlend(Corruption, Inputs):
    noise: float = MISSING

    def __post_init__(self) -> None:
        super().__post_init__()
        _require_unit_interval(self, "noise")


@describes("rotelab.data.inputs.shuffled_pixels")
@describes("rotelab.data.inputs.random_pixels")
@dataclass
class PermutedPixels(Corruption, Inputs):
    channels: str = MISSING

    def __post_init__(self) -> None:
        super().__post_init__()
        _require_one_of(self, "channels", "tied", "free")


@describes("rotelab.data.inputs.gaussian")
@dataclass
class Gaussian(PermutedPixels):
    moments: str = MISSING

    def __post_init__(self) -> None:
        super().__post_init__()
        _require_one_of(self, "moments", "channel", "all")


@describes("rotelab.data.inputs.Chain")
@dataclass
class Chain(Inputs):
    """Corruptions, one after the other."""

    first: Any = MISSING
    then: Any = MISSING


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

    def __post_init__(self) -> None:
        super().__post_init__()
        _require_unit_interval(self, "fraction")


@describes("rotelab.data.labels.corrupted")
@dataclass
class CorruptedLabels(PermutedLabels):
    among: str = MISSING

    def __post_init__(self) -> None:
        super().__post_init__()
        _require_one_of(self, "among", "all", "wrong")


@dataclass
class Augmentation:
    random_crop: bool = MISSING
    flip: float = MISSING
    brightness: float = MISSING
    saturation: float = MISSING
    hue: float = MISSING
    rotation: float = MISSING

    def __post_init__(self) -> None:
        _require_unit_interval(self, "flip", "brightness", "saturation")
        _require(self, "in [0, 0.5]", lambda value: 0 <= value <= 0.5, "hue")
        _require(self, "in [0, 180] degrees", lambda value: 0 <= value <= 180, "rotation")


@dataclass
class Data:
    """What every dataset has; the fields that a subclass adds are the arguments of its source."""

    size: int = MISSING
    side: int | None = MISSING
    order: str = MISSING
    order_seed: int = MISSING
    seed_bits: int = MISSING
    batch_size: int = MISSING
    batch_order: str = MISSING
    split: Any = MISSING
    inputs: Any = MISSING
    labels: Any = MISSING
    crop: int | None = MISSING
    augmentation: Any = MISSING
    standardize: bool = MISSING

    def __post_init__(self) -> None:
        _require_positive(self, "size", "batch_size")
        _require(self, "in [1, 4096] pixels", lambda value: 1 <= value <= 4096, "side", "crop")
        _require_one_of(self, "order", "shuffled", "by_name")
        _require_one_of(self, "batch_order", "fixed", "reshuffled")
        _require(self, "32 or 64", lambda value: value in (32, 64), "seed_bits")
        splits.check_names(self.split)
        for name, text in self.split.items():
            if not isinstance(text, str):
                raise ValueError(f"split.{name} = {text} is not a slice such as train[:2560]")
            try:
                splits.Slice.parse(text)
            except InputError as error:
                raise ValueError(f"split.{name}: {error}") from error
        try:
            splits.parse(self.split)
        except InputError as error:
            raise ValueError(f"split: {error}") from error
        self.inputs = typed(Inputs, self.inputs, "inputs")
        self.labels = typed(Labels, self.labels, "labels")
        self.augmentation = _below("augmentation", Augmentation, _options("augmentation", self.augmentation))
        if self.augmentation.random_crop and self.crop is None:
            raise ValueError("augmentation.random_crop = true needs crop, the side of what is left")


@describes("rotelab.data.sources.digits")
@dataclass
class Digits(Data):
    pass


@dataclass
class Torchvision(Data):
    folder: str = MISSING
    download: bool = MISSING


@describes("rotelab.data.sources.cifar10")
@dataclass
class Cifar10(Torchvision):
    pass


@describes("rotelab.data.sources.fashion_mnist")
@dataclass
class FashionMnist(Torchvision):
    pass


@describes("rotelab.data.sources.image_folder")
@dataclass
class ImageFolder(Data):
    folder: str = MISSING
    cache: str = MISSING
    storage: str = MISSING
    on_bad_image: str = MISSING

    def __post_init__(self) -> None:
        super().__post_init__()
        _require_one_of(self, "storage", "auto", "memory", "stream")
        _require_one_of(self, "on_bad_image", "error", "skip")


WIDTH, UNITS = 1000, 10**6
"""The most that a network may be widened by, and the most units of a layer."""


@dataclass
class Model:
    """What every network has: whether it ends in a softmax, the paper's Eq. (2)."""

    softmax: bool = MISSING


@describes("rotelab.models.convnet5.convnet5")
@dataclass
class ConvNet5(Model):
    width: float = MISSING

    def __post_init__(self) -> None:
        _require_at_most(self, WIDTH, "width")


@describes("rotelab.models.mlp.mlp")
@dataclass
class Mlp(Model):
    widths: list[int] = MISSING
    dropout: float = MISSING

    def __post_init__(self) -> None:
        rule = f"a list of whole numbers greater than 0 and at most {UNITS:g}"
        _require(self, rule, lambda widths: all(0 < width <= UNITS for width in widths), "widths")
        _require(self, "in [0, 1)", lambda value: 0 <= value < 1, "dropout")


@describes("rotelab.models.resnet18.resnet18")
@dataclass
class ResNet18(Model):
    width: float = MISSING
    batch_norm: str = MISSING
    head_classes: int | None = MISSING

    def __post_init__(self) -> None:
        _require_one_of(self, "batch_norm", "batch", "frozen_init")
        _require_at_most(self, WIDTH, "width")
        _require_at_most(self, UNITS, "head_classes")


@describes("rotelab.models.small_alexnet.small_alexnet")
@dataclass
class SmallAlexNet(Model):
    width: float = MISSING
    dropout: float = MISSING

    def __post_init__(self) -> None:
        _require_at_most(self, WIDTH, "width")
        _require(self, "in [0, 1)", lambda value: 0 <= value < 1, "dropout")


@describes("rotelab.models.small_inception.small_inception")
@dataclass
class SmallInception(Model):
    width: float = MISSING
    batch_norm: bool = MISSING
    dropout: float = MISSING

    def __post_init__(self) -> None:
        _require_at_most(self, WIDTH, "width")
        _require(self, "in [0, 1)", lambda value: 0 <= value < 1, "dropout")


@dataclass
class Optimizer:
    """``lr_decay`` is the learning rate of an epoch over that of the one before."""

    lr: float = MISSING
    weight_decay: float = MISSING
    lr_decay: float = MISSING

    def __post_init__(self) -> None:
        _require_at_most(self, 1e30, "lr")  # a step of Adam multiplies it, in 32 bits
        _require(self, "in [0, 1e30]", lambda value: 0 <= value <= 1e30, "weight_decay")
        _require(self, "in (0, 1]", lambda value: 0 < value <= 1, "lr_decay")

    @property
    def averages(self) -> str:
        """What of the optimizer averages gradients over steps, with its value; nothing if nothing does."""
        return ""


@describes("torch.optim.Adam")
@dataclass
class Adam(Optimizer):
    @property
    def averages(self) -> str:
        return "optimizer = Adam keeps averages of the gradients"


@describes("torch.optim.SGD")
@dataclass
class SGD(Optimizer):
    momentum: float = MISSING

    def __post_init__(self) -> None:
        super().__post_init__()
        _require(self, "in [0, 1)", lambda value: 0 <= value < 1, "momentum")

    @property
    def averages(self) -> str:
        return f"optimizer.momentum = {self.momentum}" if self.momentum else ""


@dataclass
class Aggregator:
    plain: ClassVar[bool] = False
    """Whether the gradient is that of the mean loss: it needs no care with momentum and weight decay."""


@describes("rotelab.aggregators.Mean")
@dataclass
class MeanAggregator(Aggregator):
    plain: ClassVar[bool] = True
    groups: int = MISSING

    def __post_init__(self) -> None:
        _require_positive(self, "groups")


@describes("rotelab.aggregators.Median")
@dataclass
class MedianAggregator(Aggregator):
    groups: int = MISSING

    def __post_init__(self) -> None:
        _require(self, "3 or more: a median of fewer is their mean", lambda groups: groups >= 3, "groups")


@describes("rotelab.aggregators.rolling_mean")
@describes("rotelab.aggregators.rolling_median")
@dataclass
class RollingAggregator(Aggregator):
    steps: int = MISSING

    def __post_init__(self) -> None:
        _require(self, "2 or more", lambda steps: steps >= 2, "steps")


@dataclass
class Stop:
    train_accuracy: float | None = MISSING
    max_epochs: int = MISSING
    dead_epochs: int | None = MISSING

    def __post_init__(self) -> None:
        _require_unit_interval(self, "train_accuracy")
        _require_positive(self, "max_epochs", "dead_epochs")


@dataclass
class Trainer:
    accelerator: str = MISSING
    threads: int | None = MISSING
    workers: int = MISSING
    progress: bool = MISSING
    log_every: float | None = MISSING
    compile: str | None = MISSING
    pad_channels: int = MISSING
    together: int = MISSING

    def __post_init__(self) -> None:
        _require_one_of(self, "accelerator", "auto", "cpu", "gpu")
        _require_positive(self, "log_every", "together")
        _require_at_most(self, 1024, "threads", "pad_channels")
        _require_one_of(self, "compile", "default", "reduce-overhead", "max-autotune")
        if self.together > 1 and (self.compile or self.pad_channels > 1):
            raise ValueError(
                f"together = {self.together} goes with neither compile nor pad_channels: choose one of them"
            )
        _require(self, "in [0, 1024] processes", lambda value: 0 <= value <= 1024, "workers")


@dataclass
class Logger:
    pass


@describes("rotelab.training.wandb_logger.WandbLogger")
@dataclass
class Wandb(Logger):
    project: str = MISSING
    mode: str = MISSING
    tags: list[str] = MISSING
    timeout: float = MISSING

    def __post_init__(self) -> None:
        _require_one_of(self, "mode", "offline", "online")
        _require_positive(self, "timeout")


@dataclass
class Measure:
    pass


@describes("rotelab.measures.legacy_accuracy.LegacyAccuracy")
@dataclass
class LegacyAccuracy(Measure):
    pass


@describes("rotelab.measures.gradient_norm.GradientNorm")
@dataclass
class GradientNorm(Measure):
    per_decade: int = MISSING

    def __post_init__(self) -> None:
        _require_positive(self, "per_decade")


@describes("rotelab.measures.stability.Stability")
@dataclass
class Stability(Measure):
    levels: list[float] = MISSING
    delta: float = MISSING
    directions: int = MISSING
    images: int = MISSING

    def __post_init__(self) -> None:
        _require_positive(self, "delta", "directions", "images")
        _require(self, "a list of accuracies in [0, 1]", lambda levels: all(0 <= v <= 1 for v in levels), "levels")


@dataclass
class Sampled(Measure):
    """Measured on the first ``images`` of a split."""

    images: int = MISSING
    per_decade: int = MISSING

    def __post_init__(self) -> None:
        _require_positive(self, "images", "per_decade")


@describes("rotelab.measures.coherence.Coherence")
@dataclass
class Coherence(Sampled):
    splits: list[str] = MISSING
    schedule: str = MISSING

    def __post_init__(self) -> None:
        super().__post_init__()
        known = set(splits.NAMES)
        _require(self, f"a list of {', '.join(splits.NAMES)}", lambda names: known.issuperset(names), "splits")
        _require_one_of(self, "schedule", "epochs", "steps")


@describes("rotelab.measures.agreement.Agreement")
@dataclass
class Agreement(Sampled):
    pass


@dataclass
class Config:
    """The whole of it, as ``conf/train.yaml`` composes it."""

    objective: Any = MISSING
    data: Any = MISSING
    model: Any = MISSING
    optimizer: Any = MISSING
    aggregator: Any = MISSING
    stop: Any = MISSING
    precision: str = MISSING
    seed: int = MISSING
    measure: dict[str, Any] = MISSING
    logger: dict[str, Any] = MISSING
    trainer: Any = MISSING
    results: str = MISSING
    name: str | None = MISSING
    draw: bool = MISSING
    dry_run: bool = MISSING
    axis: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _require_one_of(self, "precision", "fp32", "tf32", "bf16")
        _require(self, "in [0, 2^63)", lambda value: 0 <= value < 2**63, "seed")
        _require(self, "the name of a folder", bool, "results")
        _require(self, "a name for a folder: no / in it, no . before it, not single", _names_a_folder, "name")
        self.objective = typed(objectives.Objective, self.objective, "objective")
        self.data = typed(Data, self.data, "data")
        self.model = typed(Model, self.model, "model")
        self.optimizer = typed(Optimizer, self.optimizer, "optimizer")
        self.aggregator = typed(Aggregator, self.aggregator, "aggregator")
        if not self.aggregator.plain and self.optimizer.averages:
            raise ValueError(f"{self.optimizer.averages}, a mean over steps: only aggregator=mean goes with that")
        self.stop = _below("stop", Stop, _options("stop", self.stop))
        if self.stop.max_epochs < self.objective.least_epochs:
            least, most = self.objective.least_epochs, self.stop.max_epochs
            raise ValueError(f"stop.max_epochs = {most} ends before epoch {least}, the first of the last objective")
        self.trainer = _below("trainer", Trainer, _options("trainer", self.trainer))
        self.measure = {name: typed(Measure, node, f"measure.{name}") for name, node in self.measure.items()}
        self.logger = {name: typed(Logger, node, f"logger.{name}") for name, node in self.logger.items()}


def _names_a_folder(name: str) -> bool:
    """Of a sweep, beside those of others and of single runs."""
    return bool(name) and name.isprintable() and "/" not in name and name[0] != "." and name != "single"


def check(config: DictConfig) -> Config:
    """The composed config as objects of the types above. Raises InputError naming the key, in one line."""
    return _checked(_plain(config))


def values(config: DictConfig) -> dict[str, Any]:
    """The composed config as plain values, each of its option's type whatever it was written as: ``no`` is False and
    ``"1e-3"`` is 0.001. Raises as ``check``."""
    plain = _plain(config)
    return _of_types(plain, _checked(plain))


def normal(config: DictConfig) -> DictConfig:
    """The composed config with its ``values``, without Hydra's node. Slices stay as they were written: another
    ``data.size`` changes them, and what fits is found by trying. Raises as ``check``."""
    made = OmegaConf.create(values(config))
    made.data.split = OmegaConf.to_container(config.data.split, resolve=False)
    return made


def _plain(config: DictConfig) -> dict[str, Any]:
    try:
        if "hydra" in config:
            config = OmegaConf.masked_copy(config, [key for key in config if key != "hydra"])
        return OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
    except MissingMandatoryValue as error:
        raise InputError(f"{error.full_key} has to be given ({error.full_key}=...)") from error
    except OmegaConfBaseException as error:
        raise InputError(f"{error.full_key}: {_first_line(error)}{choices.hint(error)}") from error
    except RecursionError as error:
        raise InputError("options that refer to one another in a circle: ${...} has to end at a value") from error


def _checked(plain: Mapping[str, Any]) -> Config:
    try:
        return _build(Config, plain)
    except ValueError as error:
        raise InputError(_first_line(error)) from error


def _of_types(node: Any, typed_node: Any) -> Any:
    """``node`` with the values of the object that was made of it."""
    if not isinstance(node, Mapping):
        return typed_node
    has = vars(typed_node) if is_dataclass(typed_node) else typed_node
    return {key: _of_types(value, has[key]) if key in has else value for key, value in node.items()}


def _first_line(error: Exception) -> str:
    line = next(iter(str(error).splitlines()), type(error).__name__)
    return re.sub(r"\w+ raised while resolving interpolation: ", "", line)


def typed(base: type, node: Any, path: str) -> Any:
    """``node`` as the dataclass, a kind of ``base``, that describes its ``_target_``. ValueError names the key."""
    options = _options(path, node)
    target = options.pop("_target_", None)
    kind = TARGETS.get(target) if isinstance(target, str) else None
    if kind is None or not issubclass(kind, base):
        raise ValueError(f"{path}._target_ = {target} is no {base.__name__.lower()} that schema.py describes")
    if base in (objectives.Objective, Inputs):  # whose parts are of their own kind: a schedule's, a chain's
        for part in fields(kind):
            if part.type is Any and part.name in options:
                options[part.name] = typed(base, options[part.name], f"{path}.{part.name}")
    return _below(path, kind, options)


def options_of(typed_node: Any, base: type) -> dict[str, Any]:
    """The fields that the class of ``typed_node`` has beyond those of ``base``: the arguments of its target."""
    common = {f.name for f in fields(base)}
    return {f.name: getattr(typed_node, f.name) for f in fields(typed_node) if f.name not in common}


def _options(path: str, node: Any) -> dict[str, Any]:
    if not isinstance(node, Mapping):
        raise ValueError(f"{path} = {node} has to be a group of options")
    return dict(node)


_groups: dict[tuple[type, str], Any] = {}
"""Groups of options that were checked: most runs of a sweep have most of theirs in common."""


def _below(path: str, kind: type, options: Mapping[str, Any]) -> Any:
    key = kind, repr(options)
    try:
        if key not in _groups:
            _groups[key] = _build(kind, options)
    except ValueError as error:
        raise ValueError(f"{path}.{error}") from error
    return _groups[key]


def _build(kind: type, options: Mapping[str, Any]) -> Any:
    """An object of ``kind``: its groups are for itself to check; all else is converted to the types that it has."""
    names = {option.name: get_origin(option.type) or option.type for option in fields(kind)}
    for name, wanted in names.items():
        if wanted is list and isinstance(options.get(name), Mapping):
            raise ValueError(f"{name} = {options[name]} is not a list")
        if wanted is dict and name in options:
            _options(name, options[name])
    inner = {name: value for name, value in options.items() if names.get(name) in (Any, dict)}
    try:
        given = {name: value for name, value in options.items() if name not in inner}
        converted = OmegaConf.to_container(OmegaConf.merge(_structure(kind), given), throw_on_missing=True)
        built = kind(**converted, **inner)
    except MissingMandatoryValue as error:
        raise ValueError(f"{error.full_key} has to be given") from error
    except OmegaConfBaseException as error:
        raise ValueError(f"{error.full_key or ''}: {_first_line(error)}") from error
    for name in converted:
        _require_a_number_of_the_machine(name, getattr(built, name))
    return built


@cache
def _structure(kind: type) -> DictConfig:
    """The types of the options that are no groups."""
    plain = [f for f in fields(kind) if (get_origin(f.type) or f.type) not in (Any, dict)]
    return OmegaConf.structured(make_dataclass(kind.__name__, [(f.name, f.type, MISSING) for f in plain]))


def _require_a_number_of_the_machine(name: str, value: Any) -> None:
    """A float, and the members of a list, have to be finite, an int one of 64 bits."""
    for number in value if isinstance(value, list) else [value]:
        if isinstance(number, float) and not math.isfinite(number):
            raise ValueError(f"{name} = {value} is not a finite number")
        if isinstance(number, int) and not -(2**63) <= number < 2**63:
            raise ValueError(f"{name} = {value} is not a number of 64 bits")
