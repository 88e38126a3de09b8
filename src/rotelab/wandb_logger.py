"""Weights & Biases as one more observer: whatever goes wrong with it is a warning, never the end of a run."""

import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from lightning import Callback, Trainer

from rotelab.learner import Learner


class WandbLogger(Callback):
    """Logs ``learner.metrics`` of every epoch, against the optimizer step, to a W&B run of its own.

    ``mode`` is ``offline`` (files in ``folder``/wandb, no network call) or ``online``. No call waits for the server for
    more than ``timeout`` seconds; after a failure (no network, no key, a dead service process) the rest of this run is
    not logged to W&B, with one warning. Statistics of the machine, git and console are not collected: they cost more
    than a short run.
    """

    def __init__(
        self,
        project: str,
        mode: str,
        tags: Sequence[str],
        timeout: float,
        *,
        name: str,
        group: str,
        config: Mapping[str, Any],
        folder: Path,
    ) -> None:
        self.timeout = timeout
        self.settings = {
            "project": project,
            "mode": mode,
            "tags": list(tags),
            "name": name,
            "group": group,
            "config": dict(config),
            "dir": folder,
        }
        self.run: Any = None

    def setup(self, trainer: Trainer, learner: Learner, stage: str) -> None:
        def start() -> None:
            import wandb  # here, so that a broken installation of it is one more failure that stops nothing

            quiet = wandb.Settings(
                init_timeout=self.timeout,
                finish_timeout=self.timeout,
                login_timeout=self.timeout,
                silent=True,
                console="off",
                disable_git=True,
                x_disable_meta=True,
                x_disable_stats=True,
            )
            self.run = wandb.init(**self.settings, reinit="create_new", settings=quiet)

        self._attempt(start)

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        self._log(trainer, {"epoch": 0, **learner.metrics})

    def on_train_batch_end(
        self, trainer: Trainer, learner: Learner, outputs: dict, batch: object, batch_idx: int
    ) -> None:
        if learner.at_step:
            self._log(trainer, learner.at_step)

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        self._log(trainer, {"epoch": trainer.current_epoch + 1, **learner.metrics})

    def teardown(self, trainer: Trainer, learner: Learner, stage: str) -> None:  # called after an exception as well
        if self.run:
            self._attempt(self.run.finish)

    def _log(self, trainer: Trainer, values: Mapping[str, int | float]) -> None:
        if self.run:
            self._attempt(lambda: self.run.log(dict(values), step=trainer.global_step))

    def _attempt(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:  # wandb raises its own errors, OSErrors and RuntimeErrors alike
            self.run = None
            warnings.warn(f"W&B failed, the run goes on without it: {type(error).__name__}: {error}", stacklevel=2)
            with suppress(Exception):  # the service may be dead; the next run of a sweep starts its own
                sys.modules["wandb"].teardown()
