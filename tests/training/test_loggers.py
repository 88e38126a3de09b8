"""CSV, TensorBoard and MLflow are told what W&B is told, and no failure of theirs reaches the training."""

import csv
import errno
import fcntl
import json
import sys
import warnings
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import torch
from lightning import Callback, LightningModule, Trainer
from lightning.pytorch.loggers import CSVLogger
from runs import recipe

from rotelab.errors import InputError
from rotelab.models.mlp import mlp
from rotelab.results import record
from rotelab.results.files import CHECKPOINT, CURVE
from rotelab.system.signals import Waiting
from rotelab.tracking.described import rows
from rotelab.training import loggers
from rotelab.training.checkpoint import Checkpoints, found
from rotelab.training.dashboard import Dashboard
from rotelab.training.observer import losing, written
from rotelab.training.run import fit

NAME = "split-1"
CONFIG = {"objective": "split", "data.size": 64, "model.widths": [4], "optimizer.lr": 1e-3}
KINDS = ("csv", "tensorboard", "mlflow")
needs_mlflow = pytest.mark.skipif(find_spec("mlflow") is None, reason="needs the extra mlflow")
kinds = pytest.mark.parametrize("kind", [*KINDS[:2], pytest.param("mlflow", marks=[needs_mlflow, pytest.mark.slow])])


def logger(kind: str, sweep: Path, **options: Any) -> Dashboard:
    about: dict[str, Any] = {"name": "a run", "group": "a sweep", "job_type": "a work", "config": CONFIG}
    made: dict[str, Callable[..., Dashboard]] = {
        "csv": loggers.csv,
        "tensorboard": loggers.tensorboard,
        "mlflow": partial(loggers.mlflow, None),
    }
    return made[kind](**{"timeout": 120.0} | options, **about, folder=sweep / NAME)


class MeasuresAtTheEnd(Callback):
    def on_train_end(self, trainer: Trainer, learner: LightningModule) -> None:
        learner.metrics["late/train"] = 7.0  # ty: ignore[invalid-assignment]  # as our learners have them


class Raises(Callback):
    def __init__(self, error: BaseException, epoch: int = 1) -> None:
        self.error, self.epoch = error, epoch

    def on_train_batch_end(self, trainer: Trainer, *_: object) -> None:
        if trainer.current_epoch == self.epoch:
            raise self.error


def train(sweep: Path, *observers: Callback, goes_on: bool = False) -> torch.Tensor:
    """The weights after three epochs; its folder has the curve."""
    folder = sweep / NAME
    folder.mkdir(parents=True, exist_ok=True)
    path, curve = folder / CHECKPOINT, folder / CURVE
    keeping = Checkpoints(path, [curve], 1e-9, Waiting(""), found(path, [NAME])) if goes_on else None
    small = recipe(network=partial(mlp, widths=[4]), max_epochs=3, measures=[MeasuresAtTheEnd()])
    with losing(observers):
        outcome = fit(small, curve, observers, keeping)
        result = record.result(folder, {"digest": "1a2b", "config": {"seed": 0}}, outcome)
        record.write_results({folder: result})
    written(observers, result)
    return torch.nn.utils.parameters_to_vector(outcome.network.parameters()).detach()


Told = tuple[dict[int, dict[str, float]], dict[str, Any]]
"""Metrics by step, and config."""


def of_csv(sweep: Path) -> Told:
    import yaml

    at = sweep / "csv" / NAME
    with (at / "metrics.csv").open(newline="") as file:
        told = list(csv.DictReader(file))
    assert len({row["step"] for row in told}) == len(told), "a row a step"
    steps = {int(row["step"]): {key: float(of) for key, of in row.items() if of != ""} for row in told}
    return steps, yaml.safe_load((at / "hparams.yaml").read_text())


def of_tensorboard(sweep: Path) -> Told:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams import plugin_data_pb2

    (file,) = (sweep / "tensorboard" / NAME).glob("events.*")
    events = EventAccumulator(str(file)).Reload()
    steps: dict[int, dict[str, float]] = {}
    for tag in events.Tags()["scalars"]:
        for scalar in events.Scalars(tag):
            assert tag not in steps.setdefault(scalar.step, {}), "each once"
            steps[scalar.step][tag] = scalar.value
    content = events.summary_metadata["_hparams_/session_start_info"].plugin_data.content
    options = vars(plugin_data_pb2)["HParamsPluginData"].FromString(content).session_start_info.hparams
    return steps, {key: getattr(of, of.WhichOneof("kind")) for key, of in options.items()}


def of_mlflow(sweep: Path) -> Told:
    client = import_module("mlflow.tracking").MlflowClient(f"sqlite:///{sweep / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("a sweep")
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.run_name == "a run" and run.data.tags["job_type"] == "a work"
    assert run.info.run_id == json.loads((sweep / NAME / loggers.MLFLOW).read_text())["id"]
    steps: dict[int, dict[str, float]] = {}
    for key in run.data.metrics:
        for metric in client.get_metric_history(run.info.run_id, key):
            assert key not in steps.setdefault(metric.step, {}), "each once"
            steps[metric.step][key] = metric.value
    return steps, {**run.data.params, **run.data.tags, "status": run.info.status}


READ: dict[str, Callable[[Path], Told]] = {"csv": of_csv, "tensorboard": of_tensorboard, "mlflow": of_mlflow}


def check_all_is_told(kind: str, sweep: Path) -> None:
    """Every row of the curve under the same names, the axes, the summary with the last, the config."""
    steps, config = READ[kind](sweep)
    expected = dict(rows(sweep / NAME / CURVE))
    assert list(steps) == list(expected) and len(steps) == 4
    for step, values in expected.items():
        assert {key: steps[step][key] for key in values} == pytest.approx(values)
    *_, last = steps.values()
    assert {"late/train", "best/accuracy/train", "epochs", "seconds", "dead"} <= set(last)
    for key, given in CONFIG.items():  # TensorBoard makes all numbers floats, MLflow words of all
        assert float(config[key]) == given if isinstance(given, int | float) else str(config[key]) == str(given)
    assert (config["state"], config["digest"]) == ("finished", "1a2b")
    assert kind != "mlflow" or config["status"] == "FINISHED"


@kinds
def test_it_is_told_what_the_curve_and_the_summary_say_and_changes_nothing(kind: str, tmp_path: Path) -> None:
    with warnings.catch_warnings(action="error", category=UserWarning):
        logged = train(tmp_path / "logged", logger(kind, tmp_path / "logged"))
    check_all_is_told(kind, tmp_path / "logged")
    assert torch.equal(train(tmp_path / "plain"), logged)


@kinds
def test_a_run_that_goes_on_is_told_once(kind: str, tmp_path: Path) -> None:
    """What a server had of it before it was killed is left, files are written anew."""
    with pytest.raises(OSError):
        train(tmp_path, logger(kind, tmp_path), Raises(OSError("killed"), 2), goes_on=True)
    steps, config = READ[kind](tmp_path)
    assert config["state"] == "failed" and len(steps) == 3
    train(tmp_path, logger(kind, tmp_path), goes_on=True)
    check_all_is_told(kind, tmp_path)


@kinds
def test_several_at_once_and_what_saw_no_training(kind: str, tmp_path: Path) -> None:
    """As of a run of a stack that had left it in another sitting."""
    both = [logger("csv", tmp_path), *([logger(kind, tmp_path)] if kind != "csv" else [])]
    train(tmp_path, *both)
    result = json.loads((tmp_path / NAME / "result.json").read_text())
    written([logger(kind, tmp_path)], result)
    check_all_is_told(kind, tmp_path)
    check_all_is_told("csv", tmp_path)


def test_a_full_disk_is_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: CSVLogger) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(CSVLogger, "save", full)
    with pytest.warns(UserWarning, match="failed") as said:
        logged = train(tmp_path / "full", logger("csv", tmp_path / "full"))
    (line,) = [str(of.message) for of in said if "goes on without it" in str(of.message)]
    assert line == f"CSV failed, {NAME} goes on without it: OSError: [Errno 28] No space left on device"
    assert torch.equal(train(tmp_path / "plain"), logged)


@pytest.mark.parametrize("kind", KINDS[:2])
def test_a_folder_that_can_not_be_written_is_a_line(kind: str, tmp_path: Path) -> None:
    (tmp_path / kind).write_text("no folder")
    with pytest.warns(UserWarning, match="failed") as said:
        train(tmp_path, logger(kind, tmp_path))
    assert len([of for of in said if "goes on without it" in str(of.message)]) == 1


def test_what_never_answers_is_a_line_and_nothing_in_an_epoch_waits_for_it(tmp_path: Path) -> None:
    """Training ends while the logger is still being opened; the end waits for it no longer than it should."""
    never, trained = Event(), []

    class Ends(Callback):
        def on_train_end(self, trainer: Trainer, learner: LightningModule) -> None:
            trained.append(trainer.current_epoch)

    def opens(_: bool) -> Any:
        never.wait(600)

    waiting = loggers.LightningLogger(tmp_path / NAME, "MLflow", opens, CONFIG, 0.1)
    try:
        with pytest.warns(UserWarning, match=f"MLflow failed, {NAME} goes on without it: TimeoutError: no answer"):
            train(tmp_path, waiting, Ends())
    finally:
        never.set()
    assert trained == [3]


@needs_mlflow
@pytest.mark.slow
def test_mlflow_knows_what_keeps_it_quiet() -> None:
    known = vars(import_module("mlflow.environment_variables"))
    assert {f"MLFLOW_{name}" for name in loggers.QUIETLY} <= known.keys()


def test_runs_of_a_sweep_begin_in_mlflow_one_after_another(tmp_path: Path) -> None:
    """... of a stack, in threads; of joblib, in processes, which the file keeps apart."""
    begins = Event()

    def another() -> None:
        with loggers._alone(tmp_path):
            begins.set()

    with loggers._alone(tmp_path):
        waiting = Thread(target=another)
        waiting.start()
        assert not begins.wait(0.1)
        with (tmp_path / ".mlflow.lock").open() as file, pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    waiting.join()
    assert begins.is_set()


@needs_mlflow
@pytest.mark.slow
def test_no_server_of_mlflow_is_a_line(tmp_path: Path) -> None:
    about: dict[str, Any] = {"name": "a run", "group": "a sweep", "job_type": "a work", "config": CONFIG}
    with pytest.warns(UserWarning, match=f"MLflow failed, {NAME} goes on without it") as said:
        train(tmp_path, loggers.mlflow("http://127.0.0.1:9", 60.0, **about, folder=tmp_path / NAME))
    assert len([of for of in said if "goes on without it" in str(of.message)]) == 1


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_package_that_is_missing_is_a_line_with_the_extra(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, kind, None)  # as if it were not installed
    with pytest.raises(InputError, match=rf"^logger={kind} needs {kind}: pip install 'rotelab\[{kind}\]'$"):
        logger(kind, tmp_path)
