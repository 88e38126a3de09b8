"""What a job says of runs that failed, here and in a process that a launcher made."""

import pickle
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from composing import composed

from rotelab.errors import InputError, NetworkError, RunError
from rotelab.results import files
from rotelab.sweeps import task
from rotelab.sweeps.job import End, Job
from rotelab.sweeps.task import Run, Task

FOLDER = Path("/nowhere")

JOB = """
import os, sys
from types import SimpleNamespace
from pathlib import Path
from omegaconf import OmegaConf
from rotelab.errors import RunError
from rotelab.sweeps import task
from rotelab.sweeps.job import End

launcher, number = sys.argv[1:]
node = {"job": {"num": 0, "config_name": "train"}, "launcher": {"_target_": launcher}}
task.HydraConfig = SimpleNamespace(get=lambda: OmegaConf.create(node))

def train(job):
    if int(number):
        os.kill(os.getpid(), int(number))
    return End(job.name, error=RunError("the loss was nan"))

task.train = train
run = task.Run("split-12", "split-12", [], "", "")
job = task.Task([[run]], Path("/nowhere"), True, True)
job._job = lambda run, _: SimpleNamespace(name=run.name)
job.process = -1  # it is another one's
assert job(None)[0].error.args == ("the loss was nan",)
print("its result is written")
"""
SUBMITIT = "hydra_plugins.hydra_submitit_launcher.submitit_launcher.SlurmLauncher"
JOBLIB = "hydra_plugins.hydra_joblib_launcher.joblib_launcher.JoblibLauncher"


@pytest.mark.parametrize(
    ("launcher", "number", "code"),
    [(SUBMITIT, 0, 1), (JOBLIB, 0, 0), (SUBMITIT, signal.SIGTERM, 143), (JOBLIB, signal.SIGTERM, 143)],
)
def test_a_cluster_sees_that_a_job_has_failed(launcher: str, number: int, code: int) -> None:
    """After its result was written; a worker process of joblib goes on to the next run."""
    command = [sys.executable, "-c", JOB, launcher, str(int(number))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert ("split-12: failed, in /nowhere/split-12: the loss was nan" in done.stderr) == (not number)
    assert done.stdout == ("" if number else "its result is written\n")


def test_the_end_of_a_job_whose_streams_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[int] = []
    monkeypatch.setattr(task.os, "_exit", codes.append)
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    task.exit_with_1()
    assert codes == [1]


@pytest.mark.parametrize(
    ("same_data", "same_network", "error", "ends"),
    [
        (True, True, InputError("no images"), True),
        (True, False, InputError("no images"), True),
        (False, True, InputError("no images"), False),
        (True, True, NetworkError("images too small"), True),
        (True, False, NetworkError("images too small"), False),
        (True, True, RunError("the loss was nan"), False),
        (True, True, None, False),
    ],
)
def test_a_sweep_ends_where_no_run_can_work(
    same_data: bool, same_network: bool, error: InputError | RunError | None, ends: bool
) -> None:
    made = Task([[Run("a", "a", [], "", "")]], FOLDER, same_data, same_network)
    if ends:
        with pytest.raises(SystemExit, match="2"):
            made._end_where_none_can_work(End("a", error=error))
    else:
        made._end_where_none_can_work(End("a", error=error))
    assert made.same_data == (same_data and error is not None)


def test_images_that_were_left_out_are_said_once(capsys: pytest.CaptureFixture) -> None:
    task.say_skipped([End("a", skipped=("1.png", "2.png")), End("b", skipped=("2.png", "3.png")), End("c")])
    assert capsys.readouterr().out.split("\n")[1:] == ["  1.png", "  2.png", "  3.png", ""]
    task.say_skipped([End("a")])
    assert not capsys.readouterr().out


def test_images_that_are_gone_are_said_of_each_run(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """They were there when the sweep was checked; the task itself does not fail."""
    runs = [Run(name, name, [], "", "") for name in "ab"]
    made = Task([runs], tmp_path, False, False)

    def job(run: Run, config_name: str | None) -> None:
        raise InputError("there is no folder /images")

    made._job = job  # ty: ignore[invalid-assignment] - instead of composing
    ends = [end for _, end in made._ends(runs, "train")]
    assert [(end.name, str(end.error)) for end in ends] == [(name, "there is no folder /images") for name in "ab"]


def many(folder: Path, count: int) -> Task:
    runs = [Run(f"[{n}] split-{n}", f"split-{n}", [f"seed={n}"] * 8, "a", "b", (0, None)) for n in range(count)]
    return Task([[run] for run in runs], folder, True, True)


def test_what_is_sent_with_every_job_does_not_grow_with_the_sweep(tmp_path: Path) -> None:
    """Each finds its own runs in the sweep's folder, as long as it is of the sweep that is there."""
    made = many(tmp_path, 1000)
    made.send()
    sent = pickle.dumps(made)
    assert len(sent) < 1000
    there: Task = pickle.loads(sent)
    assert there.runs(7) == made.runs(7) == made.stacks[7]
    many(tmp_path, 999).send()
    with pytest.raises(RunError, match="the sweep that this job is of has ended, or was started again"):
        there.runs(7)
    (tmp_path / task.JOBS).unlink()
    with pytest.raises(RunError, match="has ended"):
        there.runs(7)


def test_a_run_that_has_become_another_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As by a change in conf/ while its job was in a queue."""
    chosen = {"objective": "split", "model": "mlp_384", "data": "digits"}
    monkeypatch.setattr(task, "composed", lambda name, texts: (composed(*texts), chosen))
    name = Job.of(tmp_path, [], composed(), chosen).about["digest"]
    own, other = (Run(name, f"split-{name}", texts, "", "") for texts in ([], ["seed=1"]))
    made = Task([[own], [other]], tmp_path, True, True)
    assert made._job(own, "train").name == f"split-{name}"
    ((_, end),) = made._ends([other], "train")
    assert isinstance(end.error, RunError) and not isinstance(end.error, InputError)
    assert "by now: conf/, its images or rotelab itself changed under the sweep" in str(end.error)


def test_a_run_that_was_killed_as_it_had_finished_keeps_no_checkpoint(tmp_path: Path) -> None:
    run = Run("[1/1] split-0", "split-0", [], "a", "b", (0, None))
    folder = tmp_path / run.name
    folder.mkdir()
    for name in (files.RESULT, files.CHECKPOINT, f"{files.CHECKPOINT}.partial"):
        (folder / name).touch()
    task.leave(run, tmp_path)
    assert [path.name for path in folder.iterdir()] == [files.RESULT]
