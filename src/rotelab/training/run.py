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
from lightning.pytorch.strategies import DDPStrategy
from torch import Tensor, nn

from rotelab.aggregators import Aggregator, Mean
from rotelab.data.batched import Batched
from rotelab.data.streaming import workers_watched
from rotelab.errors import InputError, NetworkError, Notice, RunError
from rotelab.models.mixing import draws, mixes
from rotelab.models.one_image import check_batches, check_shares
from rotelab.models.padding import padded
from rotelab.models.synchronized import check_shared, synchronized
from rotelab.training import precision
from rotelab.training.checkpoint import Checkpoints
from rotelab.training.curve import Curve, CurveWriter
from rotelab.training.evaluation import Evaluation
from rotelab.training.graphs import Graphs, OnCuda
from rotelab.training.learner import Learner
from rotelab.training.ranks import ONE, Ranks
from rotelab.training.recipe import Outcome, Recipe
from rotelab.training.stopping import StopWhenDead, StopWhenReached


def fit(
    recipe: Recipe,
    curve: Path,
    observers: Sequence[Callback] = (),
    checkpoints: Checkpoints | None = None,
    ranks: Ranks = ONE,
) -> Outcome:
    """Train to the end and write every epoch's metrics to ``curve``; ``observers`` show them (a bar, a dashboard).

    With ``checkpoints`` it goes on from the one that was kept, and keeps others. A recipe for several devices needs as
    many ``ranks``, of which this process is the first (``several``). Raises InputError for data that can't be used and
    RunError for a run that can't go on.
    """
    if recipe.devices != ranks.share.count:
        raise InputError(
            f"trainer.devices = {recipe.devices}: here a run trains on one device; several are for `rotelab train`"
        )
    sittings, earlier = (checkpoints.sittings, checkpoints.seconds) if checkpoints else (1, 0.0)
    start = time.monotonic() - earlier
    with Curve(curve, goes_on=sittings > 1) as file, workers_watched():
        callbacks = (*recipe.measures, CurveWriter(file), *observers)
        trainer, learner, data = assemble(recipe, callbacks, recipe.max_epochs, checkpoints, ranks)
        learner.sittings = sittings
        trainer.fit(learner, datamodule=data)
    if not trainer.global_step:
        raise RunError("not a single optimizer step was taken")
    return outcome(
        learner, trainer.strategy.root_device, trainer.current_epoch, trainer.global_step, time.monotonic() - start
    )


def follow(recipe: Recipe, ranks: Ranks, checkpoints: Checkpoints | None = None) -> None:
    """What another of the ``ranks`` than the first does while that one fits the recipe: it computes its share, measures
    nothing and writes nothing. It has ``checkpoints`` where that one has."""
    with workers_watched():
        trainer, learner, data = assemble(recipe, (), recipe.max_epochs, checkpoints, ranks)
        trainer.fit(learner, datamodule=data)


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
        devices=learner.ranks.share.count,
        arrays=learner.arrays,
    )


def assemble(
    recipe: Recipe,
    callbacks: Sequence[Callback],
    max_epochs: int,
    checkpoints: Checkpoints | None = None,
    ranks: Ranks = ONE,
) -> tuple[Trainer, Learner, Batched]:
    """A Lightning trainer, learner and data module, ready for ``trainer.fit``."""
    reached = StopWhenReached(recipe.stop_accuracy, recipe.stop_loss)
    callbacks = (Evaluation(), *callbacks, reached, StopWhenDead(recipe.dead_epochs))
    trainer = make_trainer(recipe, (*callbacks, *([checkpoints] if checkpoints else [])), max_epochs, ranks)
    learner = make_learner(recipe, trainer.strategy.root_device, ranks)
    return trainer, learner, learner.data


def make_learner(recipe: Recipe, device: torch.device, ranks: Ranks = ONE) -> Learner:
    """The learner of a recipe, with its data on the device; the trainer moves the network there."""
    if recipe.graph and device.type != "cuda":
        raise RunError(f"trainer.graph=true needs a GPU; this run computes on {device.type}")
    data = recipe.data(device=device)
    with ranks.one_after_another():  # images that one has decoded lie in the cache for the others
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
    if recipe.graph and (why := _why_no_graph(network, data.image_shape, aggregator)):
        warnings.warn(f"trainer.graph=true: {why}, so that kernels are launched one by one", Notice, stacklevel=2)
    elif recipe.graph:
        graphs = Graphs(network, OnCuda())
    if ranks.several:
        _share(recipe, data, network, ranks)
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
        ranks,
    )


def _why_no_graph(network: nn.Module, image_shape: tuple[int, ...], aggregator: Aggregator) -> str | None:
    """What of a step no graph can hold; None where one can."""
    if draws(network, image_shape):
        return "a pass through this network draws random numbers"
    if type(aggregator) is not Mean or aggregator.groups > 1:
        return "this aggregator has several gradients"
    return None


def _share(recipe: Recipe, data: Batched, network: nn.Module, ranks: Ranks) -> None:
    """Each rank has a share of every batch, and the network takes the statistics of the whole one. Raises InputError
    where that would be another run."""
    if data.augmented:
        raise InputError(
            "trainer.devices: augmentation draws for a whole batch, of which a device has a share: choose "
            "data/augmentation=none, or trainer.devices=1"
        )
    few = next((name for name, split in data.splits.items() if len(split) < ranks.share.count), None)
    if few:
        raise InputError(f"trainer.devices = {ranks.share.count}: {few} has fewer images than there are devices")
    unlearned = any(recipe.signs(len(data.classes)))
    trained = {name: len(data.splits[name]) for name in (("train", "pseudo_test") if unlearned else ("train",))}
    check_shares(trained, data.batch_size, ranks.share.count)
    check_shared(network, data.image_shape)
    synchronized(network, data.device)
    data.share = ranks.share


def _forward_pass(recipe: Recipe, network: nn.Module) -> Callable[[Tensor], Tensor]:
    forward = padded(network, recipe.pad_channels)
    if recipe.compile:
        torch.compiler.reset()  # after eight networks in one process it would give up and say so in a warning alone
        forward = torch.compile(forward, mode=recipe.compile, dynamic=False)
    return lambda images: forward(images)  # no module: the learner would have the network's parameters twice


class Placed(LightningEnvironment):
    """One of processes that are there already. A cluster's variables do not concern a run."""

    creates_processes_externally = True

    def __init__(self, ranks: Ranks) -> None:
        super().__init__()
        self.ranks = ranks

    def local_rank(self) -> int:
        return self.ranks.share.rank

    def node_rank(self) -> int:
        return 0


def make_trainer(recipe: Recipe, callbacks: Sequence[Callback], max_epochs: int, ranks: Ranks = ONE) -> Trainer:
    """A Lightning trainer on the recipe's device and in its precision, with these callbacks in this order. Raises
    InputError where there is no such device."""
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
            devices=ranks.share.count,
            strategy=DDPStrategy() if ranks.several else "auto",
            use_distributed_sampler=False,
            precision=precision.LIGHTNING[recipe.precision],
            max_epochs=max_epochs,
            deterministic="warn",
            # A cluster's variables do not concern a run, and no file in the current folder is read or written:
            # Lightning would start from whatever checkpoint a signal of Slurm left there.
            plugins=[Placed(ranks) if ranks.several else LightningEnvironment()],
            default_root_dir=os.devnull,
            callbacks=[*callbacks],
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
    except MisconfigurationException as error:  # no such device here
        raise InputError(f"trainer.accelerator={recipe.accelerator}: {error}") from error


def device_name(device: torch.device) -> str:
    """As a person knows it."""
    if device.type == "cuda":
        with suppress(Exception):  # it only describes the run
            return torch.cuda.get_device_name(device)
    return device.type
