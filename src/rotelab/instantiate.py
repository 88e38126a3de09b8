"""From a checked config to objects: the ``_target_`` of a node names what to call, the schema what to call it with."""

from functools import partial
from pathlib import Path

from hydra.utils import get_class, get_method
from lightning import Callback
from omegaconf import DictConfig, OmegaConf
from torch import nn

from rotelab import schema
from rotelab.data.module import ImageData
from rotelab.errors import InputError
from rotelab.run import Recipe


def recipe(cfg: DictConfig, config: schema.Config) -> Recipe:
    """The objects that a checked config names, by the ``_target_`` of its nodes."""
    build = _call(cfg.model, config.model, schema.Model)

    def network(image_shape: tuple[int, int, int], classes: int) -> nn.Module:
        try:
            built = build(image_shape, classes)
        except ValueError as error:
            raise InputError(str(error)) from error
        return nn.Sequential(built, nn.Softmax(dim=1)) if config.model.softmax else built

    data = partial(
        ImageData,
        load=partial(_call(cfg.data, config.data, schema.Data), config.data.side),
        split=config.data.split,
        corrupt=_call(cfg.data.inputs, config.data.inputs, schema.Inputs),
        corrupt_seed=config.data.inputs.seed,
        order=config.data.order,
        order_seed=config.data.order_seed,
        batch_size=config.data.batch_size,
        batch_order=config.data.batch_order,
        seed=config.seed,
    )
    return Recipe(
        data=data,
        network=network,
        objective=config.objective,
        optimizer=partial(get_class(cfg.optimizer._target_), **vars(config.optimizer)),
        stop_accuracy=config.stop.train_accuracy,
        max_epochs=config.stop.max_epochs,
        seed=config.seed,
        precision=config.precision,
        accelerator=config.trainer.accelerator,
        threads=config.trainer.threads,
        measures=[_call(node, config.measure[name], schema.Measure)() for name, node in cfg.measure.items()],
    )


def loggers(cfg: DictConfig, config: schema.Config, folder: Path, group: str) -> list[Callback]:
    """The callbacks of ``conf/logger``; they get the run's name, its sweep and its config besides their options."""
    about = {"name": folder.name, "group": group, "config": OmegaConf.to_container(cfg, resolve=True), "folder": folder}
    return [get_class(node._target_)(**vars(config.logger[name]), **about) for name, node in cfg.logger.items()]


def _call(node: DictConfig, options: object, base: type) -> partial:
    return partial(get_method(node._target_), **schema.options_of(options, base))
