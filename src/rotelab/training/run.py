"""One run: build, fit, write ``curve.csv`` as it goes."""

import logging
import os
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import torch
from lightning import Callback, Trainer
from lightning.fabric.plugins.environments import LightningEnvironment
from lightning.fabric.utilities.exceptions import MisconfigurationException
from torch import Tensor, nn

from rotelab.aggregators import Aggregator, Mean
from rotelab.data.batched import Batched
from rotelab.data.streaming import workers_watched
from rotelab.errors import NetworkError, Notice, RunError
from rotelab.models.mixing import draws, mixes
from rotelab.models.one_image import check_batches
from rotelab.models.padding import padded
from rotelab.training import precision
from rotelab.training.checkpoint import Checkpoints
from rotelab.training.curve import Curve, CurveWriter
from rotelab.training.evaluation import Evaluation
from rotelab.training.graphs import Graphs, OnCuda
from rotelab.training.learner import Learner
from rotelab.training.recipe import Outcome, Recipe
from rotelab.training.stopping import StopWhenDead, StopWhenReached


def fit(
    recipe: Recipe, curve: Path, observers: Sequence[Callback] = (), checkpoints: Checkpoints | None = None
) -> Outcome:
    """Train to the end and write every epoch's metrics to ``curve``; ``observers`` show them (a bar, a dashboard).

    With ``checkpoints`` it goes on from the one that was kept, and keeps others. Raises InputError for data that can't
    be used and RunError for a run that can't go on.
    """
    sittings, earlier = (checkpoints.sittings, checkpoints.seconds) if checkpoints else (1, 0.0)
    start = time.monotonic() - earlier
    with Curve(curve, goes_on=sittings > 1) as file, workers_watched():
        callbacks = (*recipe.measures, CurveWriter(file), *observers)
        trainer, learner, data = assemble(recipe, callbacks, recipe.max_epochs, checkpoints)
        learner.sittings = sittings
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
        images=learner.images,
        metrics=learner.metrics,
        network=learner.network,
        seconds=seconds,
        device=device_name(device),
        threads=torch.get_num_threads(),
        classes=len(learner.data.classes),
        labels_changed={name: int(split.changed.sum()) for name, split in learner.data.splits.items()},
        skipped=learner.data.skipped,
        dead_since=learner.dead_since,
        together=together,
        sittings=learner.sittings,
        arrays=learner.arrays,
    )


def assemble(
    recipe: Recipe, callbacks: Sequence[Callback], max_epochs: int, checkpoints: Checkpoints | None = None
) -> tuple[Trainer, Learner, Batched]:
    """A Lightning trainer, learner and data module, ready for ``trainer.fit``."""
    reached = StopWhenReached(recipe.stop_accuracy, recipe.stop_loss)
    callbacks = (Evaluation(), *callbacks, reached, StopWhenDead(recipe.dead_epochs))
    trainer = make_trainer(recipe, (*callbacks, *([checkpoints] if checkpoints else [])), max_epochs)
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
    graphs = None
    for name in ("train", "pseudo_test") if any(recipe.signs(classes)) else ("train",):
        check_batches(network, data.image_shape, len(data.splits[name]), data.batch_size, aggregator.groups)
    if recipe.one_pass and mixes(network, data.image_shape):
        raise NetworkError(
            "trainer.one_pass=true: batch norm, dropout or the like would mix the train and the pseudo-test batch of a "
            "step; this network needs a pass for each"
        )
    if recipe.graph and device.type != "cuda":
        raise RunError(f"trainer.graph=true needs a GPU; this run computes on {device.type}")
    if recipe.graph and (why := _why_no_graph(network, data.image_shape, aggregator)):
        warnings.warn(f"trainer.graph=true: {why}, so that kernels are launched one by one", Notice, stacklevel=2)
    elif recipe.graph:
        graphs = Graphs(network, OnCuda())
    return Learner(
        network,
        recipe.objective,
        recipe.optimizer,
        classes,
        recipe.lr_decay,
        recipe.head_decay,
        aggregator,
        data,
        forward_pass,
        recipe.one_pass,
        graphs,
    )


def _why_no_graph(network: nn.Module, image_shape: tuple[int, ...], aggregator: Aggregator) -> str | None:
    """What of a step no graph can hold; None where one can."""
    if draws(network, image_shape):
        return "a pass through this network draws random numbers"
    if type(aggregator) is not Mean or aggregator.groups > 1:
        return "this aggregator has several gradients"
    return None


def _forward_pass(recipe: Recipe, network: nn.Module) -> Callable[[Tensor], Tensor]:
    forward = padded(network, recipe.pad_channels)
    if recipe.compile:
        torch.compiler.reset()  # after eight networks in one process it would give up and say so in a warning alone
        forward = torch.compile(forward, mode=recipe.compile, dynamic=False)
    return lambda images: forward(images)  # no module: the learner would have the network's parameters twice


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


def device_name(device: torch.device) -> str:
    """As a person knows it."""
    if device.type == "cuda":
        with suppress(Exception):  # it only describes the run
            return torch.cuda.get_device_name(device)
    return device.type
