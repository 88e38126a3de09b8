"""How runs end in W&B, as the command line trains them: alone, in a stack, by launchers, after Ctrl-C, for an agent."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import wandb
from command import TINY, begin, run, single
from composing import composed
from wandb_file import of_sweep
from wandb_server import serving

from rotelab.results import files, record
from rotelab.sweeps.job import Job, train
from rotelab.tracking.wandb_run import recorded

pytestmark = pytest.mark.slow

QUIET = (*TINY, "trainer.progress=false", "logger=wandb", "logger.wandb.timeout=60", "draw=false")
SWEEP = ("--multirun", "name=sweep", *QUIET, "stop.max_epochs=2", "model.softmax=false", "optimizer.lr=1e-3,1e30")
LAUNCHERS: dict[str, tuple[str, ...]] = {
    "alone": (),
    "stack": ("trainer.together=2",),
    "joblib": ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2"),
    "submitit": ("hydra/launcher=submitit_local",),
}


@pytest.mark.parametrize("how", LAUNCHERS)
def test_one_fails_and_the_other_finishes(how: str, tmp_path: Path) -> None:
    arguments = (*SWEEP, *LAUNCHERS[how], f"results={tmp_path}")
    if how in ("alone", "stack"):
        code, _, _ = run(*arguments)
    else:  # which start processes of their own
        code = subprocess.run([sys.executable, "-m", "rotelab.train", *arguments], capture_output=True).returncode
    assert code == 1
    ends = {run["name"]: run for run in of_sweep(tmp_path / "sweep")}
    assert {name: end["exit_code"] for name, end in ends.items()} == {
        "split, lr 0.001, seed 0": 0,
        "split, lr 1e+30, seed 0": 1,
    }
    well, badly = ends["split, lr 0.001, seed 0"], ends["split, lr 1e+30, seed 0"]
    assert (well["summary"]["state"], well["summary"]["epochs"]) == ("finished", 2)
    assert badly["summary"]["state"] == "failed" and "the loss" in badly["summary"]["reason"]
    assert {end["config"]["optimizer.lr"] for end in ends.values()} == {1e-3, 1e30}
    assert {(end["group"], end["job_type"]) for end in ends.values()} == {("sweep", "sweep")}
    (finished,) = (name for name in files.runs(tmp_path / "sweep") if files.finished(tmp_path / "sweep" / name))
    assert recorded(tmp_path / "sweep" / finished)["id"] == well["id"]


@pytest.mark.parametrize("fails", [False, True])
def test_a_run_ends_after_its_result_is_written(fails: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or fails where it can't be."""
    folder, write, ends_by_then = tmp_path / "sweep" / "split-1", record.write_results, []

    def watched(results: Any) -> None:
        ends_by_then.extend(end["exit_code"] for end in of_sweep(folder.parent))
        if fails:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(results)

    monkeypatch.setattr(record, "write_results", watched)
    chosen = {"objective": "split", "model": "mlp_384", "data": "digits"}
    config = composed(*QUIET, "stop.max_epochs=1", f"results={tmp_path}")
    end = train(Job.of(folder, ["data.size=64"], config, chosen))
    wandb.teardown()
    (told,) = of_sweep(folder.parent)
    assert (end.error is not None, ends_by_then, told["exit_code"]) == (fails, [None], int(fails))
    assert told["summary"]["state"] == ("failed" if fails else "finished")


@pytest.mark.parametrize(("number", "together"), [(signal.SIGINT, 1), (signal.SIGTERM, 2)])
def test_a_signal_interrupts_what_still_trains(number: int, together: int, tmp_path: Path) -> None:
    endless = ("stop.max_epochs=100000", "stop.train_accuracy=null", "stop.dead_epochs=null")
    arguments = ("--multirun", "name=sweep", *QUIET, *endless, "seed=0,1", f"trainer.together={together}")
    streams = [tmp_path / "out", tmp_path / "err"]
    process = begin([*arguments, f"results={tmp_path}"], streams)
    deadline = time.monotonic() + 120
    # the first rows of a curve are written once W&B has begun
    while sum(path.stat().st_size > 0 for path in tmp_path.glob("sweep/*/curve.csv")) < together:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert process.pid is not None
    os.kill(process.pid, number)
    process.join(120)
    assert process.exitcode == 128 + number
    ends = of_sweep(tmp_path / "sweep")
    assert [(end["exit_code"], end["summary"]["state"]) for end in ends] == [(255, "interrupted")] * together


def test_an_agent_hears_of_a_trial_that_had_finished_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = (*QUIET, "stop.max_epochs=2", "logger.wandb.agent=true", f"results={tmp_path}")
    code, _, err = run(*arguments)
    assert code == 2 and "whose agent sets WANDB_SWEEP_ID and WANDB_RUN_ID" in err
    code, _, err = run("--multirun", *arguments, "seed=0,1")
    assert code == 2 and "is for one run, a trial of a W&B sweep; these are 2" in err
    with serving() as server:
        for name, value in {"API_KEY": "0" * 40, "BASE_URL": server.url, "SWEEP_ID": "s1", "PROJECT": "mine"}.items():
            monkeypatch.setenv(f"WANDB_{name}", value)
        for trial, words in (("first", "2 epochs"), ("second", "finished before")):
            monkeypatch.setenv("WANDB_RUN_ID", trial)
            code, out, err = run(*arguments)
            assert code == 0 and words in out and "W&B failed" not in err
        assert {trial: len(rows) for trial, rows in server.history.items()} == {"first": 3, "second": 3}
        assert server.exit_codes == {"first": 0, "second": 0}
        assert {(told["sweep"], told["project"]) for told in server.runs.values()} == {("s1", "mine")}
    assert files.finished(single(tmp_path))


def test_bare_wandb_sync_finds_all_of_a_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("--multirun", "name=sweep", *QUIET, "stop.max_epochs=1", "seed=0,1", f"results={tmp_path}")
    assert run(*arguments)[0] == 0
    told: dict[str, Any] = {end["id"]: end["exit_code"] for end in of_sweep(tmp_path / "sweep")}
    with serving() as server:
        environment = os.environ | {"WANDB_API_KEY": "0" * 40, "WANDB_BASE_URL": server.url}
        command = [Path(sys.executable).parent / "wandb", "sync", "--yes"]
        subprocess.run(command, cwd=tmp_path / "sweep", env=environment, capture_output=True, check=True, timeout=120)
        assert server.exit_codes == told
        assert len(told) == 2
