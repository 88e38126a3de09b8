"""A dashboard as one more observer of a run."""

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lightning import Callback, Trainer

from rotelab.results.files import CURVE
from rotelab.results.states import FAILED, INTERRUPTED
from rotelab.tracking import tracked
from rotelab.tracking.described import rows
from rotelab.tracking.replay import finish, replay
from rotelab.tracking.tracked import Tracked
from rotelab.training.learner import Learner


class Dashboard(Callback):
    """Feeds what a dashboard ``tracks`` of the run in a ``folder`` with ``learner.metrics`` of every epoch, against the
    optimizer step.

    Its exit code is 0 once the result is written, 1 where the run failed, 255 where it was interrupted, and its
    summary's ``state`` says which, or ``dead``. A run that goes on from a checkpoint goes on as the same one, and is
    told from its beginning, by its curve.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.begun: Tracked | None = None
        self.epoch = 0

    @abstractmethod
    def tracks(self, sittings: int = 1) -> Tracked:
        """What is told of the run, which was started so many times."""

    def told(self) -> bool:
        """Whether the finished run was told of as it is now."""
        return False

    def setup(self, trainer: Trainer, learner: Learner, stage: str) -> None:
        self.begun = self.tracks(learner.sittings)
        self.begun.start(learner.sittings > 1)

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        if learner.sittings == 1:
            self._log(trainer, learner, learner.metrics, 0)
            return
        for step, values in rows(self.folder / CURVE):
            if self.begun:
                self.begun.log(step, values)

    def on_train_batch_end(
        self, trainer: Trainer, learner: Learner, outputs: dict, batch: object, batch_idx: int
    ) -> None:
        if learner.at_step:
            finished = trainer.current_epoch + (batch_idx + 1 == trainer.num_training_batches)
            self._log(trainer, learner, learner.at_step, finished)

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        self.epoch = trainer.current_epoch + 1
        self._log(trainer, learner, learner.metrics, self.epoch)

    def on_train_end(self, trainer: Trainer, learner: Learner) -> None:
        if self.epoch:
            self._log(trainer, learner, learner.metrics, self.epoch)  # with what was measured after it

    def on_exception(self, trainer: Trainer, learner: Learner, exception: BaseException) -> None:
        self.lost(exception)

    def lost(self, error: BaseException) -> None:
        failed = isinstance(error, Exception)
        state, code = (FAILED, tracked.FAILED) if failed else (INTERRUPTED, tracked.INTERRUPTED)
        if self.begun:
            self.begun.finish({"state": state, **({"reason": str(error)} if failed else {})}, code)

    def written(self, result: Mapping[str, Any]) -> None:
        if self.begun:
            finish(self.begun, dict(result))
        elif not self.told():
            replay(self.folder, self.tracks())

    def _log(self, trainer: Trainer, learner: Learner, metrics: Mapping[str, float], epoch: int) -> None:
        axes = {"epoch": epoch, "step": trainer.global_step, "images": learner.images}
        if self.begun:
            self.begun.log(trainer.global_step, {**axes, **metrics})
