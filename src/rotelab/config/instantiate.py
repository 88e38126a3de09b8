"""From a checked config to objects: the ``_target_`` of a node names what to call, the schema what to call it with."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from hydra.utils import get_class, get_method
from lightning import Callback
from omegaconf import DictConfig, OmegaConf
from torch import Tensor, nn

from rotelab.config import schema
from rotelab.data import inputs, labels, splits
from rotelab.data.module import ImageData, Preparation
from rotelab.data.preprocessing import Preprocessing, augmentation
from rotelab.errors import NetworkError
from rotelab.training.recipe import Recipe
from rotelab.training.stopping import CollapseNotice


def recipe(cfg: DictConfig, config: schema.Config) -> Recipe:
    """The objects that a checked config names, by the ``_target_`` of its nodes."""
    build = _call(cfg.model, config.model, schema.Model)

    def network(image_shape: tuple[int, int, int], classes: int) -> nn.Module:
        try:
            built = build(image_shape, classes)
        except ValueError as error:
            raise NetworkError(str(error)) from error
        return nn.Sequential(built, nn.Softmax(dim=1)) if config.model.softmax else built

    data = partial(
        ImageData,
        load=partial(_call(cfg.data, config.data, schema.Data), config.data.side),
        split=config.data.split,
        prepare=Preparation(
            _corruption(
                partial(inputs.Corruption, seed_bits=config.data.seed_bits), cfg.data.inputs, config.data.inputs
            ),
            _corruption(labels.Corruption, cfg.data.labels, config.data.labels),
            _preprocessing(config.data),
        ),
        order=config.data.order,
        order_seed=config.data.order_seed,
        batch_size=config.data.batch_size,
        batch_order=config.data.batch_order,
        seed=config.seed,
        workers=config.trainer.workers,
        too_large=partial(splits.too_large, config.data.size, partial(_split_of_size, cfg)),
    )
    optimizer = dict(vars(config.optimizer))
    lr_decay = optimizer.pop("lr_decay")
    aggregator = _call(cfg.aggregator, config.aggregator, schema.Aggregator)
    if not config.aggregator.plain:  # it adds the decay to each gradient, as the optimizer would to the aggregate
        aggregator = partial(aggregator, weight_decay=optimizer.pop("weight_decay"))
    return Recipe(
        data=data,
        network=network,
        objective=config.objective,
        optimizer=partial(get_class(cfg.optimizer._target_), **optimizer),
        lr_decay=lr_decay,
        aggregator=aggregator,
        stop_accuracy=config.stop.train_accuracy,
        max_epochs=config.stop.max_epochs,
        dead_epochs=config.stop.dead_epochs,
        seed=config.seed,
        precision=config.precision,
        accelerator=config.trainer.accelerator,
        threads=config.trainer.threads,
        compile=config.trainer.compile,
        pad_channels=config.trainer.pad_channels,
        measures=[_call(node, config.measure[name], schema.Measure)() for name, node in cfg.measure.items()],
    )


def recipes(cfgs: Sequence[DictConfig], configs: Sequence[schema.Config]) -> list[Recipe]:
    """Recipes of runs that train together: those that learn from the same data in the same order share it."""
    shared: dict[str, Callable[..., ImageData]] = {}
    made = [recipe(cfg, config) for cfg, config in zip(cfgs, configs, strict=True)]
    for i, (cfg, config) in enumerate(zip(cfgs, configs, strict=True)):
        drawn = config.seed if config.data.batch_order == "reshuffled" else None
        key = repr((OmegaConf.to_container(cfg.data, resolve=True), drawn))
        made[i] = replace(made[i], data=shared.setdefault(key, cache(made[i].data)))
    return made


def observers(cfg: DictConfig, config: schema.Config, folder: Path, group: str) -> list[Callback]:
    """Who looks on at a run: the callbacks of ``conf/logger``, which get the run's name, its sweep and its config
    besides their options, and who says that it may be dying."""
    about = {"name": folder.name, "group": group, "config": OmegaConf.to_container(cfg, resolve=True), "folder": folder}
    loggers = [get_class(node._target_)(**vars(config.logger[name]), **about) for name, node in cfg.logger.items()]
    return [*loggers, *([CollapseNotice(folder.name)] if config.model.softmax else [])]


def _split_of_size(cfg: DictConfig, size: int) -> dict[str, str]:
    """The slices that the config would have with another ``data.size``."""
    other = deepcopy(cfg)
    other.data.size = size
    return OmegaConf.to_container(other.data.split, resolve=True)


def _corruption(kind: Callable, node: DictConfig, options: Any) -> Callable[..., Tensor]:
    """A corruption of inputs or labels: a function with a seed and splits, or what is made of several of them."""
    parts = {name: part for name, part in node.items() if OmegaConf.is_dict(part)}
    if parts:
        made = {name: _corruption(kind, part, getattr(options, name)) for name, part in parts.items()}
        return get_class(node._target_)(**made)
    return kind(_call(node, options, schema.Corruption), options.seed, tuple(options.splits))


def _preprocessing(data: schema.Data) -> Preprocessing:
    options = dict(vars(data.augmentation))
    random_crop = data.crop if options.pop("random_crop") else None
    return Preprocessing(data.crop, data.standardize, augmentation(random_crop, **options), random_crop is not None)


def _call(node: DictConfig, options: object, base: type) -> partial:
    return partial(get_method(node._target_), **schema.options_of(options, base))
