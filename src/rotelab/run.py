"""One run: build, fit, write ``curve.csv`` as it goes."""

import logging
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path

import torch
from lightning import Callback, Trainer
from lightning.fabric.utilities.exceptions import MisconfigurationException
from torch import nn
from torch.optim import Optimizer

from rotelab.aggregators import Aggregator, Mean
from rotelab.curve import Curve, CurveWriter
from rotelab.data.module import ImageData
from rotelab.errors import RunError
from rotelab.evaluation import Evaluation, evaluate
from rotelab.learner import Learner
from rotelab.objectives import Objective
from rotelab.stopping import StopAtAccuracy, StopAtNonFiniteLoss


@dataclass(frozen=True)
class Recipe:
    """What a run is made of, as plain Python.

    ``data(device=...)`` makes the splits, ``network`` a network from (channels, height, width) and the number of
    classes, ``aggregator`` an aggregator, which may have a memory, of the gradients. The weights depend on these, the
    objective, the optimizer with its ``lr_decay`` (the factor from epoch to epoch), the two stops, precision and seed,
    and on nothing else; ``measures`` only look on.
    """

    data: Callable[..., ImageData]
    network: Callable[[tuple[int, int, int], int], nn.Module]
    objective: Objective
    optimizer: Callable[[Iterator[nn.Parameter]], Optimizer]
    stop_accuracy: float | None
    max_epochs: int
    lr_decay: float = 1.0
    aggregator: Callable[[], Aggregator] = Mean
    seed: int = 0
    precision: str = "32-true"
    accelerator: str = "cpu"
    threads: int | None = None
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


def fit(recipe: Recipe, curve: Path, observers: Sequence[Callback] = ()) -> Outcome:
    """Train to the end and write every epoch's metrics to ``curve``; ``observers`` show them (a bar, a dashboard).

    Raises InputError for data that can't be used and RunError for a run that can't go on.
    """
    start = time.monotonic()
    with Curve(curve) as file:
        callbacks = (*recipe.measures, CurveWriter(file), *observers)
        trainer, learner, data = assemble(recipe, callbacks, recipe.max_epochs)
        trainer.fit(learner, datamodule=data)
    if not trainer.global_step:
        raise RunError("not a single optimizer step was taken")
    return Outcome(
        epochs=trainer.current_epoch,
        steps=trainer.global_step,
        metrics=learner.metrics,
        network=learner.network,
        seconds=time.monotonic() - start,
        device=_device_name(learner.device),
        threads=torch.get_num_threads(),
        labels_changed={name: int(changed.sum()) for name, changed in data.changed.items()},
        skipped=data.skipped,
    )


def assemble(recipe: Recipe, callbacks: Sequence[Callback], max_epochs: int) -> tuple[Trainer, Learner, ImageData]:
    """A Lightning trainer, learner and data module, ready for ``trainer.fit``."""
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    trainer = _trainer(recipe, callbacks, max_epochs)
    data = recipe.data(device=trainer.strategy.root_device)
    data.setup()
    torch.manual_seed(recipe.seed)
    network = recipe.network(data.image_shape, len(data.classes)).to(memory_format=torch.channels_last)
    classes = len(data.classes)
    learner = Learner(network, recipe.objective, recipe.optimizer, classes, recipe.lr_decay, recipe.aggregator())
    return trainer, learner, data


def predicted_seconds(recipe: Recipe, steps: int = 4) -> float:
    """About how long ``max_epochs`` would take; a run ends earlier at its train accuracy, or where its sign is 0.

    Timed are the splits' evaluation and a few steps; the fastest of each counts, the first being warm-up.
    """
    trainer, learner, data = assemble(recipe, (), 1)
    learner.to(trainer.strategy.root_device)
    batches = data.batches(lambda: 0)
    (optimizer,), _ = learner.configure_optimizers()
    signs = (
        recipe.objective.sign(accuracy, len(data.classes), epoch)
        for epoch, accuracy in product((1, recipe.max_epochs), (0.0, 0.5, 1.0))
    )
    learner.sign = next((sign for sign in signs if sign), 0)

    def step(t: int) -> None:
        optimizer.zero_grad()
        learner.backward(learner.training_step(batches.pair(t), t))
        optimizer.step()

    def evaluation() -> None:
        for images, labels in data.splits.values():
            evaluate(learner.network, images, labels)

    stepping = min(_seconds(learner.device, partial(step, t)) for t in range(steps))
    evaluating = min(_seconds(learner.device, evaluation) for _ in range(2))
    return recipe.max_epochs * (len(batches) * stepping + evaluating)


def _seconds(device: torch.device, action: Callable[[], None]) -> float:
    start = time.perf_counter()
    action()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - start


def _trainer(recipe: Recipe, callbacks: Sequence[Callback], max_epochs: int) -> Trainer:
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)  # devices and tips, at every run of a sweep
    warnings.filterwarnings("ignore", message=".*treespec, LeafSpec.*")  # Lightning's own, against newer torch
    warnings.filterwarnings("ignore", message=".*in eval mode at the start.*")  # batch norm frozen on purpose
    stops = [] if recipe.stop_accuracy is None else [StopAtAccuracy(recipe.stop_accuracy)]
    try:
        return Trainer(
            accelerator=recipe.accelerator,
            devices=1,
            precision=recipe.precision,
            max_epochs=max_epochs,
            deterministic="warn",
            callbacks=[StopAtNonFiniteLoss(), Evaluation(), *callbacks, *stops],
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
    except MisconfigurationException as error:  # no such device here
        raise RunError(f"trainer.accelerator={recipe.accelerator}: {error}") from error


def _device_name(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return device.type
