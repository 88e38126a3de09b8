"""``curve.csv``: every metric of every epoch, on disk when the epoch ends."""

import csv
from pathlib import Path
from types import TracebackType

from lightning import Callback, Trainer

from rotelab.errors import RunError, is_full_disk, sentence
from rotelab.results.files import COLUMNS
from rotelab.training.learner import Learner


class Curve:
    """A tidy table that grows by an epoch at a time.

    ``epoch`` 0 is before training; ``step`` counts optimizer steps; ``images`` counts those that
    went through a training pass (``Learner.images``).
    One that ``goes_on`` is added to. Raises RunError when the disk is full.
    """

    def __init__(self, path: Path, goes_on: bool = False) -> None:
        self.path, self.goes_on = path, goes_on
        self.file = path.open("a" if goes_on else "w", newline="")
        self.writer = csv.writer(self.file)
        if not goes_on:
            self.writer.writerow(COLUMNS)

    def append(self, epoch: int, step: int, images: int, metrics: dict[str, float]) -> None:
        """``metrics`` are named ``what/where``; numbers are written so that they read back to the same bits."""
        try:
            for name, value in metrics.items():
                metric, split = name.split("/")
                self.writer.writerow((epoch, step, images, split, metric, repr(value)))
            self.file.flush()
        except OSError as error:
            if not is_full_disk(error):
                raise
            raise RunError(
                f"{sentence(error, self.path.parent)}: {self.path.name} ends before epoch {epoch}"
            ) from error

    def __enter__(self) -> "Curve":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.file.close()
        except OSError:
            if error is None:  # a full disk was reported already: closing flushes once more, in vain
                raise


class CurveWriter(Callback):
    """Appends ``learner.metrics`` to a curve at the start and after every epoch.

    What a measure found between them, ``learner.at_step``, gets rows with the number of finished epochs, and what it
    added to the metrics at the end of the run those of the last.
    """

    def __init__(self, curve: Curve) -> None:
        self.curve = curve
        self.epoch = 0
        self.written: frozenset[str] = frozenset()
        """The names of the metrics of this epoch, the last that ended."""

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        if not self.curve.goes_on:
            self.curve.append(0, 0, 0, learner.metrics)

    def on_train_batch_end(
        self, trainer: Trainer, learner: Learner, outputs: dict, batch: object, batch_idx: int
    ) -> None:
        if learner.at_step:
            finished = trainer.current_epoch + (batch_idx + 1 == trainer.num_training_batches)
            self.curve.append(finished, trainer.global_step, learner.images, learner.at_step)

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        self.epoch = trainer.current_epoch + 1
        self.curve.append(self.epoch, trainer.global_step, learner.images, learner.metrics)
        self.written = frozenset(learner.metrics)

    def on_train_end(self, trainer: Trainer, learner: Learner) -> None:
        if self.epoch:
            added = {name: value for name, value in learner.metrics.items() if name not in self.written}
            self.curve.append(self.epoch, trainer.global_step, learner.images, added)
