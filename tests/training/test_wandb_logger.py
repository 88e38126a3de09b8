"""W&B is an observer: a run of its own for each run, and no failure of it reaches the training."""

import json
import os
import signal
import socket
import subprocess
import sys
import warnings
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch
import wandb
from lightning import Callback, LightningModule, Trainer
from runs import recipe
from torch.optim import SGD
from wandb_file import history
from wandb_server import serving

from rotelab.benchmarks.epoch import recipe as bench_recipe
from rotelab.config.exits import print_for_people
from rotelab.errors import RunError
from rotelab.models.mlp import mlp
from rotelab.results import record
from rotelab.results.files import CHECKPOINT, CURVE
from rotelab.system.signals import Waiting
from rotelab.tracking.described import rows
from rotelab.tracking.wandb_run import RECORD, recorded
from rotelab.training.checkpoint import Checkpoints, found
from rotelab.training.learner import Learner
from rotelab.training.observer import losing, written
from rotelab.training.recipe import Outcome, Recipe
from rotelab.training.run import fit
from rotelab.training.stacks.fit import fit_together
from rotelab.training.wandb_logger import WandbLogger


def small_network(image_shape: tuple[int, int, int], classes: int) -> torch.nn.Module:
    return mlp(image_shape, classes, widths=[4])


def logger(folder: Path, name: str, mode: str = "offline", timeout: float = 2.0) -> WandbLogger:
    folder.mkdir(exist_ok=True, parents=True)
    about: dict[str, Any] = {"name": name, "group": "a sweep", "job_type": "a work", "config": {"seed": 3}}
    return WandbLogger("rotelab", mode, ["a tag"], timeout, **about, folder=folder)


def fit_and_write(recipe: Recipe, folder: Path, *observers: Callback) -> torch.nn.Module:
    """As a run does: what looks on hears of the result once it is written."""
    with losing(observers):
        outcome = fit(recipe, folder / CURVE, observers)
        result = record.result(folder, {"digest": "1a2b"}, outcome)
    written(observers, result)
    return outcome.network


def weights(folder: Path, *observers: Callback) -> torch.Tensor:
    folder.mkdir(exist_ok=True)
    network = fit_and_write(bench_recipe(small_network, (1, 4, 4), 40, 20, epochs=3), folder, *observers)
    return torch.nn.utils.parameters_to_vector(network.parameters()).detach()


def test_every_run_is_a_run_of_its_own_and_changes_nothing(tmp_path: Path) -> None:
    plain = weights(tmp_path / "plain")
    for name in ("one", "two"):
        with warnings.catch_warnings(action="error", category=UserWarning):
            logged = weights(tmp_path / name, logger(tmp_path / name, name))
        assert torch.equal(plain, logged)
        (file,) = tmp_path.glob(f"wandb/offline-run-*-{recorded(tmp_path / name)['id']}/run-*.wandb")
        shown = subprocess.run(
            [Path(wandb.__file__).parent / "bin" / "wandb-core", "leet", "inspect", "--summary", "--json", file.parent],
            capture_output=True,
            text=True,
            check=False,
        )
        if shown.returncode == 0:  # the reader of offline files is not in every version
            assert "accuracy/train" in json.dumps(json.loads(shown.stdout))
    assert wandb.run is None


def test_a_cache_that_can_not_be_written_prints_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture
) -> None:
    wandb.teardown()  # a service of its own, which writes where this test reads
    monkeypatch.setenv("WANDB_CACHE_DIR", "/proc/x")
    monkeypatch.setenv("WANDB_BASE_URL", "")
    with warnings.catch_warnings(action="error", category=UserWarning):
        weights(tmp_path / "a run", logger(tmp_path / "a run", "a run"))
    wandb.teardown()
    assert capfd.readouterr().err == ""
    assert list(tmp_path.glob("wandb/logs/core-debug-*.log"))


class KillService(Callback):
    """Kills the service process in the middle of a run, as the out-of-memory killer would."""

    killed = False

    def on_train_epoch_end(self, trainer: Trainer, learner: LightningModule) -> None:
        for children in Path("/proc/self/task").glob("*/children"):
            for child in map(int, children.read_text().split()):
                if b"wandb-core" in Path(f"/proc/{child}/cmdline").read_bytes():
                    os.kill(child, signal.SIGKILL)
                    self.killed = True


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the service by /proc")
def test_a_dead_service_process_is_a_warning(tmp_path: Path) -> None:
    plain = weights(tmp_path / "plain")
    with pytest.warns(UserWarning, match="W&B failed"):
        logged = weights(tmp_path / "dead", killer := KillService(), logger(tmp_path / "dead", "dead"))
    assert killer.killed
    assert torch.equal(plain, logged)
    weights(tmp_path / "next", logger(tmp_path / "next", "next"))
    assert list(tmp_path.glob(f"wandb/offline-run-*-{recorded(tmp_path / 'next')['id']}/run-*.wandb"))


def test_a_disk_that_can_not_be_written_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "full" / f"{RECORD}.partial").mkdir(parents=True)  # so that the file can't be
    with pytest.warns(UserWarning, match="W&B failed, full goes on without it") as said:
        logged = weights(tmp_path / "full", logger(tmp_path / "full", "full"))
    assert len([of for of in said if "W&B" in str(of.message)]) == 1
    assert torch.equal(weights(tmp_path / "plain"), logged)


def test_no_server_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    with pytest.warns(UserWarning, match="W&B failed"):
        logged = weights(tmp_path / "online", logger(tmp_path / "online", "online", mode="online"))
    assert torch.equal(weights(tmp_path / "plain"), logged)


@contextmanager
def silent() -> Generator[str, None, None]:
    """The address of a server that takes every connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.slow
def test_a_server_that_never_answers_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
    with silent() as url:
        monkeypatch.setenv("WANDB_BASE_URL", url)
        wandb.teardown()
        with pytest.warns(UserWarning, match="W&B failed") as said:
            logged = weights(tmp_path / "online", logger(tmp_path / "online", "online", mode="online"))
    assert len([of for of in said if "W&B" in str(of.message)]) == 1
    assert torch.equal(weights(tmp_path / "plain"), logged)
    wandb.teardown()


@pytest.mark.slow
def test_a_server_that_is_gone_before_the_end_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
    wandb.teardown()
    with ExitStack() as until_gone:
        server = until_gone.enter_context(serving())
        monkeypatch.setenv("WANDB_BASE_URL", server.url)

        class Goes(Callback):
            def on_train_epoch_end(self, trainer: Trainer, learner: LightningModule) -> None:
                until_gone.close()

        with pytest.warns(UserWarning, match="W&B failed") as said:
            looking = logger(tmp_path / "online", "online", mode="online", timeout=10.0)
            logged = weights(tmp_path / "online", looking, Goes())
    assert len(server.runs) == 1 and not server.exit_codes
    assert recorded(tmp_path / "online")["told"] is None, "an export tells it"
    assert len([of for of in said if "W&B" in str(of.message)]) == 1
    assert torch.equal(weights(tmp_path / "plain"), logged)
    wandb.teardown()


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[SimpleNamespace]:
    """The runs that were begun, by a ``wandb`` that only remembers: what it was told, saw in the environment, and the
    exit code."""
    begun: list[SimpleNamespace] = []

    def init(**settings: Any) -> SimpleNamespace:
        environment = {key: value for key, value in os.environ.items() if key.startswith("WANDB_")}
        run = SimpleNamespace(settings=settings, environment=environment, exit_codes=[], log=lambda *_, **__: None)
        run.starting_step, run.summary, run.axes = 0, {}, {}
        run.define_metric = lambda name, step_metric=None: run.axes.update({name: step_metric})
        run.finish = lambda exit_code: run.exit_codes.append(exit_code)
        begun.append(run)
        return run

    fake = SimpleNamespace(init=init, Settings=dict, teardown=lambda: None)
    monkeypatch.setitem(sys.modules, "wandb", fake)
    return begun


class Raises(Callback):
    """At the start, or at the end or in the middle of the second epoch, or of another one."""

    def __init__(self, error: BaseException, at: str, epoch: int = 1) -> None:
        self.error, self.at, self.epoch = error, at, epoch

    def on_train_batch_end(
        self, trainer: Trainer, learner: LightningModule, outputs: dict, batch: object, batch_idx: int
    ) -> None:
        if self.at == "batch" and trainer.current_epoch == self.epoch:
            raise self.error

    def setup(self, trainer: Trainer, learner: LightningModule, stage: str) -> None:
        if self.at == "setup":
            raise self.error

    def on_train_epoch_end(self, trainer: Trainer, learner: LightningModule) -> None:
        if self.at == "epoch" and trainer.current_epoch == self.epoch:
            raise self.error


def small(**changes: Any) -> Recipe:
    network = changes.pop("network", partial(mlp, widths=[4]))
    return recipe(network=network, **changes)


class MeasuresAtTheEnd(Callback):
    def on_train_end(self, trainer: Trainer, learner: Learner) -> None:
        learner.metrics["late/train"] = 7.0


def test_the_summary_has_what_was_measured_after_the_last_epoch(runs: list[SimpleNamespace], tmp_path: Path) -> None:
    fit_and_write(small(measures=[MeasuresAtTheEnd()]), tmp_path, logger(tmp_path, "a run"))
    (run,) = runs
    assert run.summary["late/train"] == 7.0
    assert "accuracy/train" in run.summary


ENDS = [RunError("no"), OSError("no"), KeyboardInterrupt(), SystemExit(143)]


@pytest.mark.parametrize("at", ["setup", "epoch"])
@pytest.mark.parametrize("error", ENDS, ids=repr)
def test_a_run_that_fails_or_is_interrupted_has_failed(
    runs: list[SimpleNamespace], tmp_path: Path, error: BaseException, at: str
) -> None:
    with pytest.raises(SystemExit if isinstance(error, KeyboardInterrupt) else type(error)):
        fit_and_write(small(), tmp_path, logger(tmp_path, "a run"), Raises(error, at))
    code, state = (1, "failed") if isinstance(error, Exception) else (255, "interrupted")
    assert [(run.exit_codes, run.summary["state"], run.summary.get("reason")) for run in runs] == [
        ([code], state, "no" if code == 1 else None)
    ]


def test_a_run_ends_once_its_result_is_written(runs: list[SimpleNamespace], tmp_path: Path) -> None:
    """Not when the training does: where the result can't be written it has failed."""
    looking = logger(tmp_path, "a run")
    with losing([looking]):
        outcome = fit(small(), tmp_path / CURVE, [looking])
        assert runs[0].exit_codes == []
    with pytest.raises(OSError), losing([looking]):
        raise OSError("the disk is full")
    assert (runs[0].exit_codes, runs[0].summary["state"]) == ([1], "failed")
    assert recorded(tmp_path)["told"] is None
    written([looking], record.result(tmp_path, {"digest": "1a2b"}, outcome))
    assert runs[0].exit_codes == [1], "it has one end"


@pytest.mark.parametrize("dead_since", [None, 2])
def test_a_dead_run_has_finished_and_says_that_it_is_dead(
    runs: list[SimpleNamespace], tmp_path: Path, dead_since: int | None
) -> None:
    looking = logger(tmp_path, "a run")
    outcome = replace(fit(small(), tmp_path / CURVE, [looking]), dead_since=dead_since)
    written([looking], record.result(tmp_path, {"digest": "1a2b"}, outcome))
    assert runs[0].exit_codes == [0]
    told = [runs[0].summary.get(key) for key in ("state", "dead", "dead_since", "digest", "device", "epochs", "steps")]
    state = "finished" if dead_since is None else "dead"
    assert told == [state, dead_since is not None, dead_since, "1a2b", "cpu", outcome.epochs, outcome.steps]
    assert runs[0].axes == {"epoch": None, "step": None, "images": None, "*": "epoch"}


def test_a_run_that_diverges_has_failed_and_the_next_has_not(runs: list[SimpleNamespace], tmp_path: Path) -> None:
    with pytest.raises(RunError, match="the loss"):
        fit_and_write(small(optimizer=partial(SGD, lr=1e38)), tmp_path, logger(tmp_path, "a run"))
    fit_and_write(small(), tmp_path, logger(tmp_path, "a run"))
    assert [run.exit_codes for run in runs] == [[1], [0]]


def stacked(folder: Path, recipes: Sequence[Recipe], *others: Callback) -> None:
    """All of them at once, with a logger each, and the others beside the last."""
    folders = [folder / f"run {number}" for number in range(len(recipes))]
    loggers: list[list[Callback]] = [[logger(at, at.name)] for at in folders]
    own = [looking for (looking,) in loggers]
    loggers[-1] += others
    ends: dict[int, Outcome | RunError] = {}
    with losing(own):
        try:
            fit_together(recipes, [at / CURVE for at in folders], loggers, ends.__setitem__)
        finally:
            for number, end in ends.items():
                if not isinstance(end, RunError):
                    written([own[number]], record.result(folders[number], {"digest": "1a2b"}, end))


def test_of_a_stack_each_has_its_own_end(runs: list[SimpleNamespace], tmp_path: Path) -> None:
    """One diverges, the others go on to their last epoch."""
    rates = [1e-3, 1e38, 1e-3]
    stacked(tmp_path, [small(seed=seed, optimizer=partial(SGD, lr=rate)) for seed, rate in enumerate(rates)])
    codes = {run.settings["name"]: run.exit_codes for run in runs}
    assert codes == {"run 0": [0], "run 1": [1], "run 2": [0]}


@pytest.mark.parametrize("at", ["setup", "epoch"])
@pytest.mark.parametrize("error", [*ENDS[1:], torch.OutOfMemoryError("no")], ids=repr)
def test_a_stack_that_fails_fails_for_all_that_still_train(
    runs: list[SimpleNamespace], tmp_path: Path, error: BaseException, at: str
) -> None:
    """One has left it before."""

    class Reaches(Callback):
        def on_train_epoch_end(self, trainer: Trainer, learner: LightningModule) -> None:
            cast(dict[str, float], learner.metrics)["accuracy/train"] = float(at == "epoch")

    recipes = [small(seed=seed, stop_accuracy=1.0) for seed in range(3)]
    recipes[1] = small(seed=1, stop_accuracy=1.0, measures=[Reaches()])
    with suppress(Exception, SystemExit):
        stacked(tmp_path, recipes, Raises(error, at))
    code = 1 if isinstance(error, Exception) else 255
    assert [run.exit_codes for run in runs] == [[code], [0 if at == "epoch" else code], [code]]


def test_data_that_can_not_be_used_begin_no_run(runs: list[SimpleNamespace], tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        fit_and_write(small(network=lambda *_: 1 / 0), tmp_path, logger(tmp_path, "a run"))
    assert runs == []


OF_A_RUN = {
    **{"RUN_ID": "x", "NAME": "x", "RUN_NAME": "x", "RUN_GROUP": "x", "PROJECT": "x", "TAGS": "x", "NOTES": "x"},
    **{"JOB_TYPE": "x", "SWEEP_ID": "x", "SWEEP_PARAM_PATH": "/nowhere", "RESUME": "must", "DIR": "/nowhere"},
    **{"MODE": "", "DISABLED": "true", "SILENT": "false", "LAUNCH": "true", "CONFIG": "{", "REINIT": "nonsense"},
}
OF_THE_ACCOUNT = {"API_KEY": "0" * 40, "ENTITY": "me", "BASE_URL": "http://127.0.0.1:9", "HTTP_TIMEOUT": "3"}


def test_a_run_is_what_we_say_not_what_the_environment_says(
    runs: list[SimpleNamespace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (OF_A_RUN | OF_THE_ACCOUNT | {"APP_URL": "", "CACHE_DIR": "/proc/x"}).items():
        monkeypatch.setenv(f"WANDB_{name}", value)
    before = dict(os.environ)
    for name in ("one", "two"):
        fit(small(max_epochs=1), tmp_path / "curve.csv", [logger(tmp_path / name / name, name)])
    assert dict(os.environ) == before
    account = {f"WANDB_{name}": value for name, value in OF_THE_ACCOUNT.items()}
    assert [run.environment for run in runs] == [
        account | {"WANDB_CACHE_DIR": str(tmp_path / name)} for name in ("one", "two")
    ]
    assert [run.settings["name"] for run in runs] == ["one", "two"]
    assert runs[0].settings["id"] != runs[1].settings["id"]


def test_what_a_server_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One run fails, the other does not; both begin in an environment that would make one of them."""
    with serving() as server:
        for name, value in (OF_A_RUN | OF_THE_ACCOUNT | {"BASE_URL": server.url}).items():
            monkeypatch.setenv(f"WANDB_{name}", value)
        wandb.teardown()  # what it knows of the environment
        with warnings.catch_warnings(action="error", category=UserWarning):
            with pytest.raises(RunError):
                weights(tmp_path / "one", logger(tmp_path / "one", "one", "online"), Raises(RunError("no"), "epoch"))
            weights(tmp_path / "two", logger(tmp_path / "two", "two", "online"))
        said = [
            [run.get(key) for key in ("displayName", "groupName", "project", "notes")] for run in server.runs.values()
        ]
        assert said == [[name, "a sweep", "rotelab", None] for name in ("one", "two")]
        assert [server.exit_codes[name] for name in server.runs] == [1, 0]
        assert {run.get("sweep") for run in server.runs.values()} == {None}
    wandb.teardown()


class Killed(Exception):
    pass


def sittings(folder: Path, mode: str, *kills: int) -> tuple[list[Path], list[dict[str, Any]]]:
    """The W&B folders of a run of five epochs, which is killed in the epochs after so many, and what its curve says
    that is to be logged: a row an epoch."""
    folder.mkdir()
    path, curve = folder / CHECKPOINT, folder / CURVE
    for kill in (*kills, None):
        watching = [logger(folder, "a run", mode, timeout=60.0), *([Raises(Killed(), "batch", kill)] if kill else [])]
        keeping = Checkpoints(path, [curve], 1e-9, Waiting(""), found(path, [folder.name]))
        with pytest.raises(Killed) if kill else nullcontext():
            result = record.result(folder, {"digest": "1a2b"}, fit(small(max_epochs=5), curve, watching, keeping))
            written(watching, result)
    wandb.teardown()  # on a busy machine the service still writes when a run has ended
    expected = [{"_step": step, **values} for step, values in rows(curve)]
    assert [row["epoch"] for row in expected] == [0, 1, 2, 3, 4, 5]
    return sorted((folder.parent / "wandb").glob("*run-*-*")), expected


def told(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Without what W&B adds."""
    return [{key: value for key, value in row.items() if key not in ("_timestamp", "_runtime")} for row in rows]


def test_a_run_that_goes_on_is_the_same_offline_run_with_every_epoch_once(tmp_path: Path) -> None:
    """In each sitting whole, for that of the last is what is kept of those with one id."""
    begun, expected = sittings(tmp_path / "a run", "offline", 2, 3)
    *_, last = (history(*path.glob("run-*.wandb")) for path in begun)
    assert told(last) == expected
    assert len({path.name.split("-")[3] for path in begun}) == 1  # a second one of the same second ends with -1


def test_a_run_that_goes_on_adds_what_a_server_does_not_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the second sitting it lacks two epochs before the checkpoint, in the third none."""
    kept: list[int] = []
    with serving() as server:
        for name, value in (OF_THE_ACCOUNT | {"BASE_URL": server.url}).items():
            monkeypatch.setenv(f"WANDB_{name}", value)
        wandb.teardown()
        status = server.status

        def loses_once(run_id: str) -> dict[str, Any] | None:
            if not kept:
                del server.history[run_id][1:]
            kept.append(len(server.history[run_id]))
            return status(run_id)

        monkeypatch.setattr(server, "status", loses_once)
        with warnings.catch_warnings(action="error", category=UserWarning):
            _, expected = sittings(tmp_path / "a run", "online", 2, 4)
        assert kept == [1, 5]
        ((run_id, rows),) = server.history.items()
        assert told([json.loads(row) for row in rows]) == expected
        assert server.exit_codes == {run_id: 0}
        assert json.loads(server.runs[run_id]["config"])["sittings"]["value"] == 3
    wandb.teardown()


def test_a_failure_is_one_line_of_its_run(
    runs: list[SimpleNamespace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def init(**_: Any) -> None:
        raise ValueError("1 validation error for Settings\nmode\n  Input should be 'online' or 'offline'\n")

    monkeypatch.setattr(sys.modules["wandb"], "init", init)
    with warnings.catch_warnings():  # which puts back what shows them
        warnings.simplefilter("default")
        print_for_people()
        weights(tmp_path / "a run", logger(tmp_path / "a run", "a run"))
    reason = "ValueError: 1 validation error for Settings mode Input should be 'online' or 'offline'"
    assert capsys.readouterr().err == f"rotelab: W&B failed, a run goes on without it: {reason}\n"
