"""The whole configuration as objects, checked before torch is imported.

The options of a choice are described beside what it is: ``data/options.py``, ``models/options.py``, ...
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, is_dataclass
from functools import partial
from typing import Any, cast

from omegaconf import MISSING, DictConfig, OmegaConf
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from rotelab.config import choices, nodes, pretraining
from rotelab.data.options import Data
from rotelab.errors import InputError, Refusal
from rotelab.measures.options import Measure
from rotelab.models.options import Model
from rotelab.objectives import Objective
from rotelab.options import below, build, describes, first_line, group, require, require_one_of, typed
from rotelab.tracking.options import Logger
from rotelab.training.options import Aggregator, Optimizer, Save, Start, Stop, Trainer

for _kind in Objective.__subclasses__():
    describes(f"rotelab.objectives.{_kind.__name__}")(_kind)  # they describe themselves


@dataclass
class Config:
    """The whole of it, as ``conf/train.yaml`` composes it."""

    objective: Any = MISSING
    data: Any = MISSING
    model: Any = MISSING
    start: Any = MISSING
    optimizer: Any = MISSING
    aggregator: Any = MISSING
    stop: Any = MISSING
    precision: str = MISSING
    """Precision of products; weights and loss stay float32."""
    seed: int = MISSING
    """Seed of the initial weights and of reshuffled batches."""
    measure: dict[str, Any] = MISSING
    save: Any = MISSING
    logger: dict[str, Any] = MISSING
    trainer: Any = MISSING
    results: str = MISSING
    """Where runs are written."""
    name: str | None = MISSING
    """Name of a sweep's folder; null: made from the sweep and its scale, or of what it varies."""
    draw: bool = MISSING
    """Whether a single run leaves a picture beside its result."""
    optimize: str | None = MISSING
    """What a sweeper that chooses runs as it goes, such as Optuna's, is told of each: `accuracy/held_out`, or another
    word of the summary that W&B has, such as `best/accuracy/held_out` or `epochs_to/0.5`."""
    dry_run: bool = MISSING
    """Whether runs are listed, with how long they would take, and none is trained."""
    axis: dict[str, Any] = field(default_factory=dict)
    """What a scale offers for sweeps to vary."""
    values: dict[str, Any] = field(init=False)
    """All of it as plain values, each of its option's type whatever it was written as: ``no`` is False and ``"1e-3"``
    is 0.001."""
    split_of_size: Callable[[int], dict[str, str]] = field(init=False)
    """The slices that there would be with another ``data.size``."""

    def __post_init__(self) -> None:
        require_one_of(self, "precision", "fp32", "tf32", "bf16")
        require(self, "in [0, 2^63)", lambda value: 0 <= value < 2**63, "seed")
        require(self, "the name of a folder", bool, "results")
        require(self, "a name for a folder: no / in it, no . before it, not single", _names_a_folder, "name")
        self.objective = typed(Objective, self.objective, "objective")
        self.data = typed(Data, self.data, "data")
        self.model = typed(Model, self.model, "model")
        self.start = typed(Start, self.start, "start")
        self.optimizer = typed(Optimizer, self.optimizer, "optimizer")
        self.aggregator = typed(Aggregator, self.aggregator, "aggregator")
        if not self.aggregator.plain and self.optimizer.averages:
            raise Refusal(f"{self.optimizer.averages}, a mean over steps: only aggregator=mean goes with that")
        self.stop = below("stop", Stop, group("stop", self.stop))
        if self.stop.max_epochs < self.objective.least_epochs:
            least, most = self.objective.least_epochs, self.stop.max_epochs
            raise Refusal(f"stop.max_epochs = {most} ends before epoch {least}, the first of the last objective")
        self.save = below("save", Save, group("save", self.save))
        if late := [epoch for epoch in self.save.epochs if epoch > self.stop.max_epochs]:
            raise Refusal(f"save.epochs = {late} is after stop.max_epochs = {self.stop.max_epochs}, the last epoch")
        self.trainer = below("trainer", Trainer, group("trainer", self.trainer))
        if self.trainer.devices > 1 and (not self.aggregator.plain or self.aggregator.groups > 1):
            raise Refusal(f"trainer.devices = {self.trainer.devices} goes with aggregator=mean of one group alone")
        if self.trainer.devices > self.data.batch_size:  # said before so many processes are started
            devices, size = self.trainer.devices, self.data.batch_size
            raise Refusal(f"trainer.devices = {devices}: data.batch_size = {size} leaves a device without an image")
        self.measure = {name: typed(Measure, node, f"measure.{name}") for name, node in self.measure.items()}
        self.logger = {name: typed(Logger, node, f"logger.{name}") for name, node in self.logger.items()}


def _names_a_folder(name: str) -> bool:
    """Of a sweep, beside those of others and of single runs."""
    return bool(name) and name.isprintable() and "/" not in name and name[0] != "." and name != "single"


def check(config: DictConfig) -> Config:
    """The composed config as objects of the types above. Raises InputError naming the key, in one line."""
    plain = _plain(config)
    try:
        checked = build(Config, plain)
    except Refusal as error:
        raise InputError(first_line(error)) from error
    checked.values = _of_types(plain, checked)
    if checked.start.after_another:
        pretraining.before(checked.values)
    checked.split_of_size = partial(_split_of_size, config)
    return checked


def _split_of_size(config: DictConfig, size: int) -> dict[str, str]:
    """Composed slices refer to the size: ``train[:${data.size}]``."""
    other = deepcopy(config)
    other.data.size = size
    return nodes.plain(other.data.split)


def _plain(config: DictConfig) -> dict[str, Any]:
    try:
        if "hydra" in config:
            config = nodes.ours(config)
        return cast(dict[str, Any], OmegaConf.to_container(config, resolve=True, throw_on_missing=True))
    except MissingMandatoryValue as error:
        raise InputError(f"{error.full_key} has to be given ({error.full_key}=...)") from error
    except OmegaConfBaseException as error:
        raise InputError(f"{error.full_key}: {first_line(error)}{choices.hint(error)}") from error
    except RecursionError as error:
        raise InputError("options that refer to one another in a circle: ${...} has to end at a value") from error


def _of_types(node: Any, typed_node: Any) -> Any:
    """``node`` with the values of the object that was made of it."""
    if not isinstance(node, Mapping):
        return typed_node
    has = vars(typed_node) if is_dataclass(typed_node) else typed_node
    return {key: _of_types(value, has[key]) if key in has else value for key, value in node.items()}
