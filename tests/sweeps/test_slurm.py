"""A real Slurm, of one node: a sweep is a job array, whose runs are those of a sweep without it."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import own_classes
import pytest
from command import TINY, run
from own_classes import SECONDS
from slurm import Cluster, Missing, slurm

from rotelab.results import files, states
from rotelab.results.states import INTERRUPTED, UNDER_WAY, State

pytestmark = pytest.mark.slow
COMMON = ("-m", "name=sweep", *TINY[:2], "trainer.threads=1", "trainer.progress=false", "model.softmax=false")
SWEEP = (*COMMON, TINY[2])
SLOW = (*COMMON, "model=custom", "model.target=own_classes.slow", "stop.max_epochs=60", "seed=0")
SLOW += ("stop.train_accuracy=null", "stop.dead_epochs=null")
"""Of a network that waits in every pass for as long as the environment says."""
SLURM = ("hydra/launcher=submitit_slurm", "hydra.launcher.cpus_per_task=1")
SLURM += ("hydra.launcher.max_num_timeout=20",)  # in its last ten minutes a job that gets the signal has timed out
TEN_MINUTES = ("hydra.launcher.timeout_min=10",)
LONG = ("stop.max_epochs=300", "seed=0")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    try:
        with slurm(tmp_path_factory.mktemp("slurm")) as found:
            yield found
    except Missing as reason:
        pytest.skip(str(reason))


def start(
    cluster: Cluster,
    folder: Path,
    *more: str,
    given: Sequence[str] = SWEEP,
    limit: Sequence[str] = TEN_MINUTES,
    seconds: float = 0,
) -> subprocess.Popen:
    command = [sys.executable, "-m", "rotelab.train", *given, *SLURM, *limit, f"results={folder}", *more]
    environment = cluster.environment | {SECONDS: str(seconds), "PYTHONPATH": str(Path(own_classes.__file__).parent)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def told(process: subprocess.Popen) -> tuple[int, str, list[str]]:
    """The exit code, what was printed, and of the errors the lines that are ours: submitit misses ``sacct``."""
    out, err = process.communicate(timeout=400)
    return process.returncode, out, [line for line in err.splitlines() if line.startswith(("rotelab:", "interrupted"))]


def jobs(cluster: Cluster) -> list[str]:
    """Of all that are in the queue, one an array's job."""
    return cluster.ask("squeue", "--noheader", "--array", "--format=%i").split()


def state(cluster: Cluster, job: str) -> str:
    (found,) = re.findall(r"JobState=(\w+)", cluster.ask("scontrol", "show", "job", job))
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


def told_of(folder: Path) -> State:
    """By ``rotelab status``, of the only run."""
    (progress,) = states.found(folder, time.time())
    (found,) = progress.runs
    return found


def sittings(folder: Path) -> int:
    (result,) = folder.glob(f"sweep/*/{files.RESULT}")
    return json.loads(result.read_text())["sittings"]


def curves(folder: Path) -> dict[str, bytes]:
    return {path.parent.name: path.read_bytes() for path in folder.glob("sweep/*/curve.csv")}


def test_a_sweep_is_a_job_array(cluster: Cluster, tmp_path: Path) -> None:
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
def test_a_job_that_is_put_back_into_the_queue(cluster: Cluster, command: tuple[str, ...], tmp_path: Path) -> None:
    """By a preemption, or by submitit's signal before the time limit: it ends as if it had been left alone."""
    assert run(*SWEEP, f"results={tmp_path / 'alone'}", *LONG)[0] == 0
    process = start(cluster, tmp_path / "slurm", *LONG)
    wait_for(lambda: under_way(tmp_path / "slurm"))
    (job,) = jobs(cluster)
    cluster.ask(*command, job)
    code, out, errors = told(process)
    assert (code, errors, out.count("300 epochs")) == (0, [], 1)
    assert "Restarts=1" in cluster.ask("scontrol", "show", "job", job)
    assert curves(tmp_path / "slurm") == curves(tmp_path / "alone")
    assert sittings(tmp_path / "slurm") == 2  # from where it was, by a checkpoint


def test_a_job_that_comes_to_its_time_limit(cluster: Cluster, tmp_path: Path) -> None:
    """Of two minutes, with Slurm's own signal, which may come half a minute earlier than asked for, to a run that
    takes longer than both."""
    assert run(*SLOW, f"results={tmp_path / 'alone'}")[0] == 0
    limit = ("hydra.launcher.timeout_min=2", "hydra.launcher.signal_delay_s=30")
    process = start(cluster, tmp_path / "slurm", given=SLOW, limit=limit, seconds=0.06)
    wait_for(lambda: under_way(tmp_path / "slurm"))
    (job,) = jobs(cluster)
    wait_for(lambda: state(cluster, job) == "PENDING", 200)
    waiting = told_of(tmp_path / "slurm")
    assert (waiting.state, waiting.epoch) == (INTERRUPTED, waiting.goes_on_from)
    code, out, errors = told(process)
    assert (code, errors, out.count("60 epochs")) == (0, [], 1)
    assert curves(tmp_path / "slurm") == curves(tmp_path / "alone")
    restarts = int(re.findall(r"Restarts=(\d+)", cluster.ask("scontrol", "show", "job", job))[0])
    assert restarts >= 1
    assert sittings(tmp_path / "slurm") == 1 + restarts


def test_a_job_whose_node_is_lost(cluster: Cluster, tmp_path: Path) -> None:
    """No signal comes: it goes on from the checkpoint before, on the node that comes back."""
    assert run(*SLOW, f"results={tmp_path / 'alone'}")[0] == 0
    process = start(cluster, tmp_path / "slurm", "trainer.checkpoint_minutes=1e-9", given=SLOW, seconds=0.005)
    wait_for(lambda: under_way(tmp_path / "slurm"))
    assert told_of(tmp_path / "slurm").state == UNDER_WAY
    (job,) = jobs(cluster)
    cluster.lose_node()
    wait_for(lambda: state(cluster, job) == "PENDING")
    lost = told_of(tmp_path / "slurm")
    assert (lost.state, lost.epoch) == (INTERRUPTED, lost.goes_on_from)
    cluster.begin_node()
    code, out, errors = told(process)
    assert (code, errors, out.count("60 epochs")) == (0, [], 1)
    assert curves(tmp_path / "slurm") == curves(tmp_path / "alone")
    assert sittings(tmp_path / "slurm") == 2


def test_a_signal_to_the_sweep_cancels_its_jobs(cluster: Cluster, tmp_path: Path) -> None:
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
