"""From a checked config to objects: the ``_target_`` of a choice names what to call, its options how."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

import torch
from hydra.utils import get_class, get_method
from lightning import Callback
from omegaconf import OmegaConf
from torch import Tensor, nn

from rotelab.config import identity, pretraining, rounds
from rotelab.config.schema import Config, check
from rotelab.data import inputs, labels, splits
from rotelab.data.batched import Batched
from rotelab.data.class_groups import grouped, told_apart
from rotelab.data.corruption_options import Corruption
from rotelab.data.module import ImageData, Preparation
from rotelab.data.options import Data
from rotelab.data.parts import Source
from rotelab.data.preprocessing import Preprocessing, augmentation
from rotelab.errors import InputError, NetworkError, Refusal, did_you_mean
from rotelab.measures.options import Measure
from rotelab.models import initial
from rotelab.models.freezing import train_only
from rotelab.models.options import Model
from rotelab.models.parameters import materialize
from rotelab.options import Choice
from rotelab.tracking.options import Logger
from rotelab.training.options import Aggregator, Start
from rotelab.training.recipe import Recipe
from rotelab.training.saving import Saver
from rotelab.training.stopping import CollapseNotice, UnboundedNotice


def recipe(config: Config, beside: Path | None = None) -> Recipe:
    """The objects that a checked config names; ``beside`` is the folder in which runs lie that it may begin with."""
    begin = _call(config.start, Start)
    if config.start.in_rounds:
        begin = partial(begin, seed=config.seed, kept=partial(rounds.kept, config.values, beside))
    if config.start.after_another:
        begin = partial(begin, kept=partial(pretraining.kept, config.values, beside))
    data = partial(
        ImageData,
        load=source(config),
        split=config.data.split,
        prepare=Preparation(
            _corruption(partial(inputs.Corruption, seed_bits=config.data.seed_bits), config.data.inputs),
            _corruption(labels.Corruption, config.data.labels),
            _preprocessing(config.data),
        ),
        order=config.data.order,
        order_seed=config.data.order_seed,
        pairs=config.data.pairs,
        whiten=config.data.whiten,
        batch_size=config.data.batch_size,
        batch_order=config.data.batch_order,
        seed=config.seed,
        workers=config.trainer.workers,
        too_large=partial(splits.too_large, config.data.size, config.split_of_size),
    )
    optimizer = config.optimizer.arguments(Choice)
    lr_decay, head_decay, part = (optimizer.pop(name) for name in ("lr_decay", "head_decay", "trained"))
    aggregator = _call(config.aggregator, Aggregator)
    if not config.aggregator.plain:  # it adds the decay to each gradient, as the optimizer would to the aggregate
        aggregator = partial(aggregator, weight_decay=optimizer.pop("weight_decay"))
    return Recipe(
        data=data,
        network=network(config.model, begin, part),
        objective=config.objective,
        optimizer=_called(_taking(config.optimizer.path, optimizer), config.optimizer.path, "parameters"),
        lr_decay=lr_decay,
        head_decay=head_decay,
        aggregator=aggregator,
        stop_accuracy=config.stop.train_accuracy,
        stop_loss=config.stop.train_loss,
        max_epochs=config.stop.max_epochs,
        dead_epochs=config.stop.dead_epochs,
        seed=config.seed,
        precision=config.precision,
        accelerator=config.trainer.accelerator,
        devices=config.trainer.devices,
        threads=config.trainer.threads,
        compile=config.trainer.compile,
        pad_channels=config.trainer.pad_channels,
        one_pass=config.trainer.one_pass,
        graph=config.trainer.graph,
        measures=[_called(_call(measure, Measure), measure.path)() for measure in config.measure.values()],
    )


def recipe_of(values: Mapping[str, Any], beside: Path | None = None) -> Recipe:
    """The same, of the plain values of a checked config, as another process gets them."""
    return recipe(check(OmegaConf.create(dict(values))), beside)


def source(config: Config) -> Callable[[], Source]:
    """What reads the images of a checked config."""
    data = config.data
    return partial(_grouped, partial(_call(data, Data), data.side), data.class_groups, data.positive_classes)


def _grouped(read: Callable[[], Source], groups: int | None, positive: Sequence[str] | None) -> Source:
    return told_apart(grouped(read(), groups), positive)


def recipes(configs: Sequence[Config], beside: Path | None = None) -> list[Recipe]:
    """Recipes of runs that train together: those that learn from the same data in the same order share it."""
    shared: dict[str, Callable[..., Batched]] = {}
    made = []
    for config in configs:
        drawn = config.seed if config.data.batch_order == "reshuffled" else None
        key, alone = repr((config.values["data"], drawn)), recipe(config, beside)
        made.append(replace(alone, data=shared.setdefault(key, cache(alone.data))))
    return made


def network(
    model: Model, begin: Callable[[nn.Module], object] = lambda built: None, part: str = "all"
) -> Callable[[tuple[int, ...], int], nn.Module]:
    """What builds the network of a model for an image shape and a number of classes; it begins as ``begin`` leaves it,
    without the softmax at its end, and a ``part`` of it is trained."""
    build = _called(_call(model, Model), model.path, "image_shape", "classes")
    draw = getattr(initial, model.init)

    def built(image_shape: tuple[int, ...], classes: int) -> nn.Module:
        try:
            made = build(image_shape, classes)
            if not isinstance(made, nn.Module):
                raise NetworkError(f"{model.path} gives no network but {type(made).__name__}")
            materialize(made, torch.zeros(1, *image_shape))
            draw(made)
            initial.scale_head(made, model.head_scale)
            begin(made)
            train_only(made, part)
        except Refusal as error:
            raise NetworkError(str(error)) from error
        return nn.Sequential(made, nn.Softmax(dim=1)) if model.softmax else made

    return built


def loggers(config: Config, folder: Path, about: Mapping[str, Any]) -> list[Callback]:
    """The callbacks of ``conf/logger`` for a run in a folder, which get what it is ``about`` besides their options."""
    return [_call(logger, Logger)(**about, folder=folder) for logger in config.logger.values()]


def observers(config: Config, folder: Path, about: Mapping[str, Any]) -> list[Callback]:
    """Who looks on at a run: loggers, who keeps its network, and who says that it may be dying, or diverging."""
    notice = (CollapseNotice if config.model.softmax else UnboundedNotice)(folder.name)
    return [*loggers(config, folder, about), *([_saver(config, folder)] if config.save.wanted else []), notice]


def _saver(config: Config, folder: Path) -> Saver:
    about = {
        "run": folder.name,
        "digest": identity.digest(config.values),
        "model": config.values["model"],
        "seed": config.seed,
        "side": config.data.side,
        "crop": config.data.crop,
        "standardize": config.data.standardize,
    }
    return Saver(folder, config.save.wanted, config.model.softmax, about)


def _corruption(kind: Callable, options: Any) -> Callable[..., Tensor]:
    """A corruption of inputs or labels: a function with a seed and splits, or what is made of several of them."""
    if options.parts:
        made = {name: _corruption(kind, getattr(options, name)) for name in options.parts}
        return get_class(options._target_)(**made)
    return kind(_call(options, Corruption), options.seed, tuple(options.splits))


def _preprocessing(data: Data) -> Preprocessing:
    options = dict(vars(data.augmentation))
    random_crop = data.crop if options.pop("random_crop") else None
    return Preprocessing(data.crop, data.standardize, augmentation(random_crop, **options), random_crop is not None)


def _call(choice: Choice, base: type) -> partial:
    """The target of a choice with the options that it has beyond those of ``base``."""
    return _taking(choice.path, choice.arguments(base))


def _taking(path: str, options: Mapping[str, Any]) -> partial:
    """What a path names, with these options. Raises InputError for one that it does not take."""
    target = _imported(path)
    try:
        known = signature(target).parameters
    except (ValueError, TypeError):  # what is not written in Python may not say what it takes
        return partial(target, **options)
    other = next((name for name in options if name not in known), None)
    if other and not any(parameter.kind is Parameter.VAR_KEYWORD for parameter in known.values()):
        raise InputError(f"{path} has no option {other}{did_you_mean(other, known)}")
    return partial(target, **options)


def _called(made: partial, path: str, *given: str) -> partial:
    """The same. Raises InputError where it can't be called with what it is ``given`` besides its options."""
    try:
        signature(made).bind(*given)
    except ValueError:  # as above
        pass
    except TypeError as error:
        what = f"{', '.join(given)} and its options" if given else "its options alone"
        raise InputError(f"{path} can't be called with {what}: {error}") from error
    return made


def _imported(path: str) -> Callable[..., Any]:
    """Raises InputError where the module of a path of one's own can't be imported."""
    try:
        return get_method(path)
    except Exception as error:
        reason = error.__cause__ or error
        raise InputError(f"{path} can't be imported: {type(reason).__name__}: {reason}") from error
