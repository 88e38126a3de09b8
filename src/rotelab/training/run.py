"""One run: build, fit, write ``curve.csv`` as it goes."""

import logging
import os
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path

import torch
from lightning import Callback, Trainer
from lightning.fabric.plugins.environments import LightningEnvironment
from lightning.fabric.utilities.exceptions import MisconfigurationException
from torch import Tensor, nn
from torch.optim import Optimizer

from rotelab.aggregators import Aggregator, Mean
from rotelab.data.module import ImageData
from rotelab.data.streaming import workers_watched
from rotelab.errors import RunError
from rotelab.models.one_image import check_batches
from rotelab.models.padding import padded
from rotelab.objectives import Objective
from rotelab.training import precision
from rotelab.training.curve import Curve, CurveWriter
from rotelab.training.evaluation import Evaluation, evaluate
from rotelab.training.learner import Learner
from rotelab.training.stopping import StopAtAccuracy, StopWhenDead


@dataclass(frozen=True)
class Recipe:
    """What a run is made of, as plain Python.

    ``data(device=...)`` makes the splits, ``network`` a network from (channels, height, width) and the number of
    classes, ``aggregator`` an aggregator, which may have a memory, of the gradients. The weights depend on these, the
    objective, the optimizer with its ``lr_decay`` (the factor from epoch to epoch), the three stops, precision and
    seed; ``measures`` only look on. How it is computed, on which device, by how many ``threads``, in which mode of
    torch.compile, on channels padded to which multiple, may change the last bits of a step and nothing else.
    """

    data: Callable[..., ImageData]
    network: Callable[[tuple[int, int, int], int], nn.Module]
    objective: Objective
    optimizer: Callable[[Iterator[nn.Parameter]], Optimizer]
    stop_accuracy: float | None
    max_epochs: int
    dead_epochs: int | None = None
    lr_decay: float = 1.0
    aggregator: Callable[[], Aggregator] = Mean
    seed: int = 0
    precision: str = "fp32"
    accelerator: str = "cpu"
    threads: int | None = None
    compile: str | None = None
    pad_channels: int = 1
    measures: Sequence[Callback] = field(default_factory=tuple)


@dataclass(frozen=True)
class Outcome:
    """How a run ended: its counts, the last value of every metric, the network, and the seconds that it took."""

    epochs: int
    steps: int
    metrics: dict[str, float]
    network: nn.Module
    seconds: float
    device: str
    threads: int
    labels_changed: dict[str, int] = field(default_factory=dict)
    """By split, how many labels are not the source's."""
    skipped: tuple[str, ...] = ()
    """Files that are no images and were left out."""
    dead_since: int | None = None
    """The epoch since which it could not learn any more, where it was ended for that."""
    together: int = 1
    """So many runs trained at once when this one began: its seconds are theirs as well."""


def fit(recipe: Recipe, curve: Path, observers: Sequence[Callback] = ()) -> Outcome:
    """Train to the end and write every epoch's metrics to ``curve``; ``observers`` show them (a bar, a dashboard).

    Raises InputError for data that can't be used and RunError for a run that can't go on.
    """
    start = time.monotonic()
    with Curve(curve) as file, workers_watched():
        callbacks = (*recipe.measures, CurveWriter(file), *observers)
        trainer, learner, data = assemble(recipe, callbacks, recipe.max_epochs)
        trainer.fit(learner, datamodule=data)
    if not trainer.global_step:
        raise RunError("not a single optimizer step was taken")
    return outcome(
        learner, trainer.strategy.root_device, trainer.current_epoch, trainer.global_step, time.monotonic() - start
    )


def outcome(
    learner: Learner, device: torch.device, epochs: int, steps: int, seconds: float, together: int = 1
) -> Outcome:
    """How the run of a learner that has been trained so far on the device ended."""
    return Outcome(
        epochs=epochs,
        steps=steps,
        metrics=learner.metrics,
        network=learner.network,
        seconds=seconds,
        device=_device_name(device),
        threads=torch.get_num_threads(),
        labels_changed={name: int(changed.sum()) for name, changed in learner.data.changed.items()},
        skipped=learner.data.skipped,
        dead_since=learner.dead_since,
        together=together,
    )


def assemble(recipe: Recipe, callbacks: Sequence[Callback], max_epochs: int) -> tuple[Trainer, Learner, ImageData]:
    """A Lightning trainer, learner and data module, ready for ``trainer.fit``."""
    callbacks = (Evaluation(), *callbacks, StopAtAccuracy(recipe.stop_accuracy), StopWhenDead(recipe.dead_epochs))
    trainer = make_trainer(recipe, callbacks, max_epochs)
    learner = make_learner(recipe, trainer.strategy.root_device)
    return trainer, learner, learner.data


def make_learner(recipe: Recipe, device: torch.device) -> Learner:
    """The learner of a recipe, with its data on the device; the trainer moves the network there."""
    data = recipe.data(device=device)
    data.setup()
    torch.manual_seed(recipe.seed)
    classes = len(data.classes)
    network = recipe.network(data.image_shape, classes).to(memory_format=torch.channels_last)
    aggregator, forward_pass = recipe.aggregator(), _forward_pass(recipe, network)
    for name in ("train", "pseudo_test") if any(_signs(recipe, classes)) else ("train",):
        check_batches(network, data.image_shape, len(data.splits[name][1]), data.batch_size, aggregator.groups)
    return Learner(
        network, recipe.objective, recipe.optimizer, classes, recipe.lr_decay, aggregator, data, forward_pass
    )


def _forward_pass(recipe: Recipe, network: nn.Module) -> Callable[[Tensor], Tensor]:
    forward = padded(network, recipe.pad_channels)
    if recipe.compile:
        torch.compiler.reset()  # after eight networks in one process it would give up and say so in a warning alone
        forward = torch.compile(forward, mode=recipe.compile, dynamic=False)
    return lambda images: forward(images)  # no module: the learner would have the network's parameters twice


def predicted_seconds(recipe: Recipe, steps: int = 4) -> float:
    """About how long ``max_epochs`` would take; a run ends earlier at its train accuracy, or where its sign is 0.

    Timed are the splits' evaluation and a few steps; the fastest of each counts, the first being warm-up.
    """
    trainer, learner, data = assemble(recipe, (), 1)
    learner.to(trainer.strategy.root_device)
    batches = data.batches(lambda: 0)
    (optimizer,), _ = learner.configure_optimizers()
    learner.sign = next((sign for sign in _signs(recipe, len(data.classes)) if sign), 0)

    def step(t: int) -> None:
        optimizer.zero_grad()
        with trainer.precision_plugin.forward_context():
            loss = learner.training_step(batches.pair(t), t)
        learner.backward(loss)
        optimizer.step()

    def evaluation() -> None:
        with trainer.precision_plugin.forward_context():
            for images, labels in data.splits.values():
                evaluate(learner.network, images, labels)

    stepping = min(seconds_of(learner.device, partial(step, t)) for t in range(steps))
    evaluating = min(seconds_of(learner.device, evaluation) for _ in range(2))
    return recipe.max_epochs * (len(batches) * stepping + evaluating)


def _signs(recipe: Recipe, classes: int) -> Iterator[int]:
    """Those that the objective may have."""
    for epoch, accuracy in product((1, recipe.max_epochs), (0.0, 0.5, 1.0)):
        yield recipe.objective.sign(accuracy, classes, epoch)


def seconds_of(device: torch.device, action: Callable[[], object]) -> float:
    """Of an action, with the device waited for at both ends."""
    start = now(device)
    action()
    return now(device) - start


def now(device: torch.device) -> float:
    """Seconds on a clock, when the device has done what it was asked for."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()


def make_trainer(recipe: Recipe, callbacks: Sequence[Callback], max_epochs: int) -> Trainer:
    """A Lightning trainer on the recipe's device and in its precision, with these callbacks in this order."""
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    precision.allow_tf32(recipe.precision)
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)  # devices and tips, at every run of a sweep
    warnings.filterwarnings("ignore", message=".*treespec, LeafSpec.*")  # Lightning's own, against newer torch
    warnings.filterwarnings("ignore", message=".*`srun` command is available.*")  # a run is one process
    warnings.filterwarnings("ignore", message=".*in eval mode at the start.*")  # batch norm frozen on purpose
    try:
        return Trainer(
            accelerator=recipe.accelerator,
            devices=1,
            precision=precision.LIGHTNING[recipe.precision],
            max_epochs=max_epochs,
            deterministic="warn",
            # A cluster's variables do not concern a run, and no file in the current folder is read or written:
            # Lightning would start from whatever checkpoint a signal of Slurm left there.
            plugins=[LightningEnvironment()],
            default_root_dir=os.devnull,
            callbacks=[*callbacks],
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
    except MisconfigurationException as error:  # no such device here
        raise RunError(f"trainer.accelerator={recipe.accelerator}: {error}") from error


def _device_name(device: torch.device) -> str:
    if device.type == "cuda":
        with suppress(Exception):  # it only describes the run
            return torch.cuda.get_device_name(device)
    return device.type
