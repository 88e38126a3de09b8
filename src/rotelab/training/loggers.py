"""Lightning's own loggers as observers, which tell what W&B is told."""

import fcntl
import json
import logging
import math
import os
import shutil
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

from lightning.pytorch.loggers import CSVLogger, MLFlowLogger, TensorBoardLogger

from rotelab.errors import InputError
from rotelab.files import write
from rotelab.tracking.lightning_run import LightningRun, Opened
from rotelab.tracking.tracked import recorded
from rotelab.training.dashboard import Dashboard

MLFLOW = "mlflow.json"
"""In the folder of a run: the ``id`` of its run in MLflow."""
QUIETLY = {
    "HTTP_REQUEST_MAX_RETRIES": "2",
    "DISABLE_TELEMETRY": "true",
    "LOGGING_LEVEL": "ERROR",
    "SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}
"""Of the environment's variables that begin with ``MLFLOW_``, where they are not set."""
MOST = 1000
"""Metrics that MLflow takes at once."""


class LightningLogger(Dashboard):
    """A run that ``opens(goes_on)`` in one of Lightning's loggers, called ``label``: see ``LightningRun``."""

    def __init__(
        self, folder: Path, label: str, opens: Callable[[bool], Opened], config: Mapping[str, Any], timeout: float
    ) -> None:
        super().__init__(folder)
        self.label, self.opens, self.config, self.timeout = label, opens, config, timeout

    def tracks(self, sittings: int = 1) -> LightningRun:
        return LightningRun(self.folder, self.label, self.opens, self.config, self.timeout)


def csv(
    timeout: float, *, name: str, group: str, job_type: str, config: Mapping[str, Any], folder: Path
) -> LightningLogger:
    """``csv/<run>`` in the folder of the sweep: ``metrics.csv``, a row a step, and ``hparams.yaml``."""

    def opens(_: bool) -> Opened:
        at = _emptied(folder, "csv")
        logger = CSVLogger(at.parent, name="", version=at.name, flush_logs_every_n_steps=2**63)
        return Opened(logger, logger.log_hyperparams)

    return LightningLogger(folder, "CSV", opens, {"name": name, **config}, timeout)


def tensorboard(
    timeout: float, *, name: str, group: str, job_type: str, config: Mapping[str, Any], folder: Path
) -> LightningLogger:
    """``tensorboard/<run>`` in the folder of the sweep, for ``tensorboard --logdir``.

    Raises InputError where it is not installed.
    """
    _require("tensorboard")

    def opens(_: bool) -> Opened:
        at = _emptied(folder, "tensorboard")
        logger = _Comparable(at.parent, name="", version=at.name, default_hp_metric=False)
        return Opened(logger, logger.log_hyperparams)

    return LightningLogger(folder, "TensorBoard", opens, {"name": name, **config}, timeout)


class _Comparable(TensorBoardLogger):
    """With what TensorBoard needs to show the runs of a sweep in a table: their hyperparameters and last metrics."""

    def log_metrics(self, metrics: Mapping[str, int | float], step: int | None = None) -> None:
        self.last = metrics
        super().log_metrics(metrics, step)

    def finalize(self, status: str) -> None:
        from torch.utils.tensorboard.summary import hparams

        options = vars(self)["hparams"].items()
        plain = {key: of if isinstance(of, bool | int | float) else str(of) for key, of in options}
        for summary in hparams(plain, dict.fromkeys(self.last)):
            self.experiment.file_writer.add_summary(summary)
        super().finalize(status)


def mlflow(
    tracking_uri: str | None,
    timeout: float,
    *,
    name: str,
    group: str,
    job_type: str,
    config: Mapping[str, Any],
    folder: Path,
) -> LightningLogger:
    """A run of the experiment that is called as the sweep's folder, on the server ``tracking_uri``; null: in a database
    ``mlflow.db`` in that folder. A run that goes on adds what is not there.

    Raises InputError where it is not installed.
    """
    _require("mlflow")
    sweep = folder.absolute().parent

    def opens(goes_on: bool) -> Opened:
        for noisy in ("alembic", "lightning.pytorch.loggers.mlflow", "urllib3"):
            logging.getLogger(noisy).setLevel(logging.ERROR)
        # usually it tries for minutes, tells its makers who uses it, and prints what it does
        for key, value in QUIETLY.items():
            os.environ.setdefault(f"MLFLOW_{key}", value)
        before = recorded(folder / MLFLOW).get("id") if goes_on else None
        with _alone(sweep):
            logger = _Batches(
                group,
                name,
                tracking_uri or f"sqlite:///{sweep / 'mlflow.db'}",
                tags={"job_type": job_type},
                run_id=before,
                artifact_location=None if tracking_uri else (sweep / "mlartifacts").as_uri(),
            )
            begun = logger.run_id  # which makes the database, the experiment and the run
        write(folder / MLFLOW, json.dumps({"id": begun}))
        return Opened(logger, logger.tag, logger.told() if before else -1)

    return LightningLogger(folder, "MLflow", opens, config, timeout)


_OPENING = Lock()


@contextmanager
def _alone(sweep: Path) -> Generator[None]:
    """While no other run of the sweep begins in MLflow: two threads that import it at once get half of it, and a
    database that two processes make at once is none."""
    with _OPENING, (sweep / ".mlflow.lock").open("w") as file:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


class _Batches(MLFlowLogger):
    """Sends rows together, when they are to be saved: one by one they cost the store ten times as much."""

    def __init__(self, *options: Any, **more: Any) -> None:
        super().__init__(*options, **more)
        self.rows: list[Any] = []

    def log_metrics(self, metrics: Mapping[str, int | float], step: int | None = None) -> None:
        metric, now = import_module("mlflow.entities").Metric, int(time.time() * 1000)
        self.rows += [metric(key, value, now, step or 0) for key, value in metrics.items()]

    def tag(self, words: Mapping[str, Any]) -> None:
        """A parameter could not be changed when the run goes on."""
        for key, value in words.items():
            self.experiment.set_tag(self.run_id, key, str(value))

    def told(self) -> int | float:
        """The step up to which the run was told of; infinity: to its end, whose metrics are the summary's."""
        had = {name: self.experiment.get_metric_history(self.run_id, name) for name in ("epoch", "epochs")}
        return math.inf if had["epochs"] else max((metric.step for metric in had["epoch"]), default=-1)

    def save(self) -> None:
        for at in range(0, len(self.rows), MOST):
            self.experiment.log_batch(self.run_id, metrics=self.rows[at : at + MOST])
        self.rows.clear()


def _emptied(folder: Path, kind: str) -> Path:
    """Where the logs of a run lie that tell of it from its beginning."""
    at = folder.parent / kind / folder.name
    shutil.rmtree(at, ignore_errors=True)
    return at


def _require(package: str) -> None:
    try:
        there = find_spec(package) is not None
    except ValueError:  # it is hidden
        there = False
    if not there:
        raise InputError(f"logger={package} needs {package}: pip install 'rotelab[{package}]'")
