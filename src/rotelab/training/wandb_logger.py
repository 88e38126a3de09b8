"""Weights & Biases as one more observer: whatever goes wrong with it is a warning, never the end of a run."""

import csv
import os
import secrets
import sys
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from lightning import Callback, Trainer

from rotelab.errors import Notice
from rotelab.results.files import CURVE
from rotelab.training.learner import Learner

ACCOUNT = (
    *("API_KEY", "IDENTITY_TOKEN_FILE", "CREDENTIALS_FILE", "ENTITY", "ORGANIZATION", "USERNAME", "USER_EMAIL"),
    *("BASE_URL", "APP_URL", "INSECURE_DISABLE_SSL", "HTTP_PROXY", "HTTPS_PROXY", "HTTP_TIMEOUT", "X_", "_"),
    *("SERVICE", "CONFIG_DIR", "DATA_DIR"),
)
"""How the names of the environment's variables begin, after ``WANDB_``, that say who logs, to which server and how. All
others say what a run is."""


class WandbLogger(Callback):
    """Logs ``learner.metrics`` of every epoch, against the optimizer step, to a W&B run of its own; its summary has
    what was measured after the last one as well.

    ``mode`` is ``offline`` (files in ``folder``/wandb, no network call) or ``online``. No call waits for the server for
    more than ``timeout`` seconds; after a failure (no network, no key, a dead service process) the rest of this run is
    not logged to W&B, with one warning. A run that fails or is interrupted ends with exit code 1. Statistics of the
    machine, git and console are not collected: they cost more than a short run.

    Of the environment only the account and the way to the server are used: with ``WANDB_RUN_ID``, ``WANDB_SWEEP_ID``
    and the like all runs of a sweep would be one. What is empty there is not set. W&B's service, one for all
    runs of a process, writes its log below the ``folder`` of the first: where it can't be written, it would be printed.

    A run that goes on from a checkpoint goes on as the same W&B run, whose id the files in its ``folder`` tell, with
    the ``sittings`` in its config. It is logged from its beginning, by its curve, but for the steps that the server
    says it has: what an interruption lost comes after all. An offline run can't ask, has all of them in every sitting,
    and of several with one id ``wandb sync`` keeps the last.
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
        self.settings: dict[str, Any] = {
            "project": project,
            "mode": mode,
            "tags": list(tags),
            "name": name,
            "group": group,
            "config": dict(config),
            "dir": folder,
            "id": secrets.token_hex(4),
        }
        self.run: Any = None

    def setup(self, trainer: Trainer, learner: Learner, stage: str) -> None:
        if learner.sittings > 1:
            self.settings["config"]["sittings"] = learner.sittings
            if self.settings["mode"] == "online":
                self.settings["resume"] = "allow"
            self.settings["id"] = latest(self.settings["dir"]) or self.settings["id"]

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
                sagemaker_disable=True,
            )
            self.run = wandb.init(**self.settings, reinit="create_new", settings=quiet)

        with _account_only(self.settings["dir"]):
            self._attempt(start)

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        if learner.sittings == 1:
            self._log(trainer.global_step, {"epoch": 0, **learner.metrics})
            return
        for step, values in logged(self.settings["dir"] / CURVE):
            self._log(step, values)

    def on_train_batch_end(
        self, trainer: Trainer, learner: Learner, outputs: dict, batch: object, batch_idx: int
    ) -> None:
        if learner.at_step:
            self._log(trainer.global_step, learner.at_step)

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        self._log(trainer.global_step, {"epoch": trainer.current_epoch + 1, **learner.metrics})

    def on_train_end(self, trainer: Trainer, learner: Learner) -> None:
        if self.run:
            self._attempt(lambda: self.run.summary.update(learner.metrics))

    def teardown(self, trainer: Trainer, learner: Learner, stage: str) -> None:
        self._finish(0)

    def on_exception(self, trainer: Trainer, learner: Learner, exception: BaseException) -> None:
        self._finish(1)

    def _finish(self, exit_code: int) -> None:
        if self.run:
            self._attempt(partial(self.run.finish, exit_code=exit_code))
            self.run = None

    def _log(self, step: int, values: Mapping[str, int | float]) -> None:
        if self.run and step >= self.run.starting_step:
            self._attempt(lambda: self.run.log(dict(values), step=step))

    def _attempt(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:  # wandb raises its own errors, OSErrors and RuntimeErrors alike
            self.run = None
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            warnings.warn(f"W&B failed, {self.settings['name']} goes on without it: {reason}", Notice, stacklevel=1)
            with suppress(Exception):  # the service may be dead; the next run of a sweep starts its own
                sys.modules["wandb"].teardown()


def logged(curve: Path) -> Iterator[tuple[int, dict[str, int | float]]]:
    """What was logged at each step of a run with this curve."""
    with curve.open(newline="") as file:
        rows = groupby(csv.DictReader(file), lambda row: (int(row["step"]), int(row["epoch"])))
        for (step, epoch), of_step in rows:
            values = {f"{row['metric']}/{row['split']}": float(row["value"]) for row in of_step}
            yield step, {"epoch": epoch, **values} if "accuracy/train" in values else values


def latest(folder: Path) -> str | None:
    """The id of the W&B run that was begun last in the folder of a run."""
    begun = [path.name.partition("run-")[2].split("-") for path in folder.glob("wandb/*run-*-*")]
    return max(((time, found) for time, found, *_ in begun), default=(None, None))[1]  # a second one of a second: -1


@contextmanager
def _account_only(folder: Path) -> Generator[None, None, None]:
    """Hide what the environment says of a run: there is no setting that takes it back, and a value that wandb does not
    know would end every run's logging. What wandb caches, its service's log, goes into the ``folder``."""
    ours = tuple(f"WANDB_{name}" for name in ACCOUNT)
    given = {key: value for key, value in os.environ.items() if key.startswith("WANDB_")}
    hidden = {key: value for key, value in given.items() if not value or not key.startswith(ours)}
    try:
        for key in hidden:
            del os.environ[key]
        os.environ["WANDB_CACHE_DIR"] = str(folder.absolute())
        yield
    finally:
        del os.environ["WANDB_CACHE_DIR"]
        os.environ.update(hidden)
