"""How far a run is: a bar on a terminal, a line now and then anywhere else."""

import math
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import cast

from lightning import Callback, LightningModule, Trainer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Column

from rotelab.system.screen import REDRAWN, can_be_drawn_on
from rotelab.training.duration import in_words

SIGNS = {-1: "unlearning", 1: "learning both"}
"""What the objective's sign makes of the pseudo-test split. At 0 nothing is done to it, and nothing said."""


class ProgressBar(Callback):
    """Epochs, the accuracies after the last of them, what is done to the pseudo-test split, about how long it takes to
    the last epoch.

    Drawn at most four times a second. Where the output is no terminal, or none that can be drawn on, a line without
    control characters every ``log_every`` seconds (None: never), which begins with ``name``. Shows a learner, or the
    first of several that train together: whatever has their ``metrics``; nothing is read from the device. A terminal
    that is gone, or whoever read the lines, ends the showing and nothing else.
    """

    def __init__(self, name: str, log_every: float | None) -> None:
        self.name, self.log_every = name, log_every
        self.shown: _Bar | _Lines | None = None
        self.due = math.inf
        self.earlier: int | None = None
        """Epochs before those that are seen: a run may go on from a checkpoint."""

    def on_train_start(self, trainer: Trainer, learner: LightningModule) -> None:
        screen = Console()
        self.start = time.monotonic()
        with self._while_it_is_there():
            self.shown = (
                _Bar(screen, _last_epoch(trainer))
                if can_be_drawn_on(screen)
                else _Lines(self.name, self.log_every or math.inf)
            )
            self.due = self.start + self.shown.every

    def on_train_epoch_start(self, trainer: Trainer, learner: LightningModule) -> None:
        if self.earlier is None:
            self.earlier, self.start = trainer.current_epoch, time.monotonic()

    def on_train_batch_end(
        self, trainer: Trainer, learner: LightningModule, outputs: object, batch: object, batch_idx: int
    ) -> None:
        if time.monotonic() >= self.due:
            batches = trainer.num_training_batches
            if batch_idx + 1 < batches:  # after the last comes the evaluation
                self._show(trainer, learner, trainer.current_epoch + (batch_idx + 1) / batches)

    def on_train_epoch_end(self, trainer: Trainer, learner: LightningModule) -> None:
        if time.monotonic() >= self.due:
            self._show(trainer, learner, trainer.current_epoch + 1)

    def teardown(self, trainer: Trainer, learner: LightningModule, stage: str) -> None:
        self._stop()

    def on_exception(self, trainer: Trainer, learner: LightningModule, exception: BaseException) -> None:
        self._stop()

    def _show(self, trainer: Trainer, learner: LightningModule, epochs: int | float) -> None:
        now = time.monotonic()
        left = (now - self.start) / (epochs - (self.earlier or 0)) * (_last_epoch(trainer) - epochs)
        with self._while_it_is_there():
            if self.shown:
                self.shown.show(epochs, _last_epoch(trainer), _metrics(learner), in_words(left))
                self.due = now + self.shown.every

    def _stop(self) -> None:
        with self._while_it_is_there():
            if self.shown:
                self.shown.stop()
        self.shown, self.due = None, math.inf

    @contextmanager
    def _while_it_is_there(self) -> Generator[None, None, None]:
        try:
            yield
        except OSError:
            self.due = math.inf


def _last_epoch(trainer: Trainer) -> int:
    assert trainer.max_epochs is not None, "a recipe has a last epoch"
    return trainer.max_epochs


def _metrics(learner: LightningModule) -> Mapping[str, float]:
    return cast(Mapping[str, float], learner.metrics)


class _Bar:
    """On a terminal, every so many seconds at most; ``stop`` takes it away and shows the cursor again."""

    every = REDRAWN

    def __init__(self, screen: Console, max_epochs: int) -> None:
        self.progress = Progress(
            BarColumn(bar_width=None),
            TextColumn("{task.description}", table_column=Column(no_wrap=True)),
            console=screen,
            auto_refresh=False,
            transient=True,
            expand=True,
            redirect_stderr=Console(stderr=True).file.isatty(),  # a file gets what is meant for it
        )
        self.task = self.progress.add_task("", total=max_epochs)
        self.progress.start()

    def show(self, epochs: int | float, max_epochs: int, metrics: Mapping[str, float], left: str) -> None:
        text = f"epoch {int(epochs)}/{max_epochs} {left} left  {accuracies(metrics, 2, ' ')}"  # 80 columns hold it
        self.progress.update(self.task, completed=epochs, description=text, refresh=True)

    def stop(self) -> None:
        self.progress.stop()


class _Lines:
    """In a file or a pipe, every so many seconds."""

    def __init__(self, name: str, every: float) -> None:
        self.name, self.every = name, every

    def show(self, epochs: int | float, max_epochs: int, metrics: Mapping[str, float], left: str) -> None:
        print(f"{self.name}: epoch {int(epochs)} of {max_epochs}, {accuracies(metrics)}, about {left} left", flush=True)

    def stop(self) -> None:
        """There is nothing to take away."""


def accuracies(metrics: Mapping[str, float], digits: int = 3, gap: str = "  ") -> str:
    """``train 0.912  pseudo 0.034  held out 0.365  unlearning``"""
    names = {"train": "train", "pseudo_test": "pseudo", "held_out": "held out"}
    words = [f"{name} {metrics[f'accuracy/{split}']:.{digits}f}" for split, name in names.items()]
    return gap.join([*words, *filter(None, [SIGNS.get(metrics.get("sign/pseudo_test"))])])
