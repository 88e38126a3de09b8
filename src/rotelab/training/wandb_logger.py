"""Weights & Biases as one more observer."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lightning import Callback, Trainer

from rotelab.results.files import CURVE
from rotelab.results.states import FAILED, INTERRUPTED
from rotelab.tracking import wandb_run
from rotelab.tracking.described import rows
from rotelab.tracking.replay import finish, replay, told
from rotelab.tracking.wandb_run import Destination, WandbRun
from rotelab.training.learner import Learner


class WandbLogger(Callback):
    """Feeds a W&B run of its own with ``learner.metrics`` of every epoch, against the optimizer step: see ``WandbRun``.

    Its exit code is 0 once the result is written, 1 where the run failed, 255 where it was interrupted, and its
    summary's ``state`` says which, or ``dead``. A run that goes on from a checkpoint goes on as the same W&B run, with
    the ``sittings`` in its config, and is told from its beginning, by its curve. With ``agent`` it is the trial that
    the agent of a W&B sweep has begun.
    """

    def __init__(
        self,
        project: str,
        mode: str,
        tags: Sequence[str],
        timeout: float,
        agent: bool = False,
        *,
        name: str,
        group: str,
        job_type: str,
        config: Mapping[str, Any],
        folder: Path,
    ) -> None:
        self.destination = (
            wandb_run.of_agent(project, tags, timeout) if agent else Destination(project, mode, tags, timeout)
        )
        self.folder = folder
        self.about: dict[str, Any] = {"name": name, "group": group, "job_type": job_type, "config": config}
        self.begun: WandbRun | None = None
        self.epoch = 0

    def setup(self, trainer: Trainer, learner: Learner, stage: str) -> None:
        goes_on = learner.sittings > 1
        if goes_on:
            self.about["config"] = {**self.about["config"], "sittings": learner.sittings}
        self.begun = WandbRun(self.folder, self.destination, **self.about)
        self.begun.start(goes_on)

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
        state, code = (FAILED, wandb_run.FAILED) if failed else (INTERRUPTED, wandb_run.INTERRUPTED)
        if self.begun:
            self.begun.finish({"state": state, **({"reason": str(error)} if failed else {})}, code)

    def written(self, result: Mapping[str, Any]) -> None:
        if self.begun:
            finish(self.begun, dict(result))
        elif not told(self.folder, self.destination):
            replay(self.folder, self.destination, **self.about)

    def _log(self, trainer: Trainer, learner: Learner, metrics: Mapping[str, float], epoch: int) -> None:
        axes = {"epoch": epoch, "step": trainer.global_step, "images": learner.images}
        if self.begun:
            self.begun.log(trainer.global_step, {**axes, **metrics})
