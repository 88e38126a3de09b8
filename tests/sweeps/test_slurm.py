"""A real Slurm, of one node: a sweep is a job array, whose runs are those of a sweep without it."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command import TINY, run
from slurm import Missing, slurm

from rotelab.results import files

pytestmark = pytest.mark.slow
SWEEP = ("-m", "name=sweep", *TINY, "trainer.progress=false", "model.softmax=false")
SLURM = ("hydra/launcher=submitit_slurm", "hydra.launcher.timeout_min=10", "hydra.launcher.cpus_per_task=1")
SLURM += ("hydra.launcher.max_num_timeout=3",)  # in its last ten minutes a job that gets the signal has timed out
LONG = ("stop.max_epochs=300", "seed=0")
Environment = dict[str, str]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    try:
        with slurm(tmp_path_factory.mktemp("slurm")) as environment:
            yield environment
    except Missing as reason:
        pytest.skip(str(reason))


def start(cluster: Environment, folder: Path, *more: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "rotelab.train", *SWEEP, *SLURM, f"results={folder}", *more]
    return subprocess.Popen(command, env=cluster, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def told(process: subprocess.Popen) -> tuple[int, str, list[str]]:
    """The exit code, what was printed, and of the errors the lines that are ours: submitit misses ``sacct``."""
    out, err = process.communicate(timeout=200)
    return process.returncode, out, [line for line in err.splitlines() if line.startswith(("rotelab:", "interrupted"))]


def queue(cluster: Environment, *command: str) -> str:
    return subprocess.run(command, env=cluster, capture_output=True, text=True, check=True).stdout


def jobs(cluster: Environment) -> list[str]:
    """Of all that are in the queue, one an array's job."""
    return queue(cluster, "squeue", "--noheader", "--array", "--format=%i").split()


def state(cluster: Environment, job: str) -> str:
    (found,) = re.findall(r"JobState=(\w+)", queue(cluster, "scontrol", "show", "job", job))
    return found


def submitted(folder: Path) -> list[str]:
    return [path.parent.name for path in folder.glob("sweep/.submitit/*/*_submitted.pkl")]


def wait_for(true: Callable[[], object], seconds: float = 100) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def under_way(folder: Path) -> bool:
    return any(path.read_text().count("accuracy,") > 30 for path in folder.glob("sweep/*/curve.csv"))


def curves(folder: Path) -> dict[str, bytes]:
    return {path.parent.name: path.read_bytes() for path in folder.glob("sweep/*/curve.csv")}


def test_a_sweep_is_a_job_array(cluster: Environment, tmp_path: Path) -> None:
    """A run that failed is FAILED for Slurm, and named by the sweep; what has finished is not submitted again."""
    given = ("stop.max_epochs=2", "optimizer.lr=1e-3,1e30", "seed=0")
    alone = run(*SWEEP, f"results={tmp_path / 'alone'}", *given)
    code, out, errors = told(start(cluster, tmp_path / "slurm", *given))
    assert (code, alone[0]) == (1, 1)
    assert errors == [line for line in alone[2].splitlines() if line.startswith("rotelab:")]
    assert out.count("2 epochs") == 1
    good, bad = files.runs(tmp_path / "slurm" / "sweep")
    assert bad in errors[1]
    assert curves(tmp_path / "slurm")[good] == curves(tmp_path / "alone")[good]
    wait_for(lambda: not jobs(cluster))
    assert sorted(state(cluster, job) for job in submitted(tmp_path / "slurm")) == ["COMPLETED", "FAILED"]
    code, out, again = told(start(cluster, tmp_path / "slurm", *given))
    assert (code, again) == (1, errors)
    assert "2 runs, 1 finished" in out.splitlines()[0]
    assert len(submitted(tmp_path / "slurm")) == 3


@pytest.mark.parametrize("command", [("scontrol", "requeue"), ("scancel", "--signal=USR2")], ids=" ".join)
def test_a_job_that_is_put_back_into_the_queue(cluster: Environment, command: tuple[str, ...], tmp_path: Path) -> None:
    """By a preemption, or by submitit's signal before the time limit: it ends as if it had been left alone."""
    assert run(*SWEEP, f"results={tmp_path / 'alone'}", *LONG)[0] == 0
    process = start(cluster, tmp_path / "slurm", *LONG)
    wait_for(lambda: under_way(tmp_path / "slurm"))
    (job,) = jobs(cluster)
    queue(cluster, *command, job)
    code, out, errors = told(process)
    assert (code, errors, out.count("300 epochs")) == (0, [], 1)
    assert "Restarts=1" in queue(cluster, "scontrol", "show", "job", job)
    assert curves(tmp_path / "slurm") == curves(tmp_path / "alone")
    (result,) = (tmp_path / "slurm").glob(f"sweep/*/{files.RESULT}")
    assert json.loads(result.read_text())["sittings"] == 2  # from where it was, by a checkpoint


def test_a_signal_to_the_sweep_cancels_its_jobs(cluster: Environment, tmp_path: Path) -> None:
    """Those that train and those that wait; the same command, started at once, goes on."""
    given = (LONG[0], "seed=0,1,2")
    process = start(cluster, tmp_path, *given)
    wait_for(lambda: under_way(tmp_path))
    process.send_signal(signal.SIGTERM)
    code, _, errors = told(process)
    done = sum(files.finished(tmp_path / "sweep" / name) for name in files.runs(tmp_path / "sweep"))
    assert code == 143
    assert errors == [f"interrupted: {done} of 3 runs are finished; the same command goes on with the rest"]
    assert not jobs(cluster)
    code, out, errors = told(start(cluster, tmp_path, *given))
    assert (code, errors, out.count("300 epochs")) == (0, [], 3 - done)
