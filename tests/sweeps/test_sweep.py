"""What a sweep says of a run that failed, here and in a process that a launcher made."""

import errno
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from rotelab.config import choices, identity, schema
from rotelab.errors import InputError, RunError
from rotelab.results import files
from rotelab.sweeps import sweep

FOLDER = Path("/results/run")

JOB = """
import os, sys
from contextlib import suppress
from pathlib import Path
from hydra.types import RunMode
from omegaconf import OmegaConf
from rotelab.errors import RunError
from rotelab.sweeps import sweep

launcher, number = sys.argv[1:]
node = {"job": {"num": 0}, "launcher": {"_target_": launcher}, "overrides": {"task": []}}
settings = OmegaConf.create({**node, "mode": RunMode.MULTIRUN})

def run(folder):
    if int(number):
        os.kill(os.getpid(), int(number))
    raise RunError("the loss was nan")

with suppress(RunError):  # as Hydra does
    sweep.attempt(OmegaConf.create({"model": {}}), settings, Path("/nowhere/split-12"), run)
    print("not raised")
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


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk of /results/run is full"),
        (OSError(errno.EROFS, "Read-only file system", "/results"), "/results: Read-only file system"),
        (MemoryError(), "make one of model.widths, data.batch_size, data.size, data.side smaller"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "not enough memory"),
    ],
)
def test_the_disk_and_the_memory_are_blamed_in_a_sentence(error: Exception, words: str) -> None:
    explained = sweep.explained(error, OmegaConf.create({"model": {"widths": [8]}}), FOLDER)
    assert isinstance(explained, RunError)
    assert words in str(explained)


def test_the_end_of_a_job_whose_streams_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[int] = []
    monkeypatch.setattr(sweep.os, "_exit", codes.append)
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    sweep._exit_with_1()
    assert codes == [1]


def job(*overrides: str) -> DictConfig:
    """A run of a sweep as Hydra composes it."""
    identity.register_resolvers()
    with initialize_config_dir(str(choices.CONF), version_base="1.3"):
        loader = GlobalHydra.instance().config_loader()
        return loader.load_configuration("train", list(overrides), RunMode.RUN)


@pytest.mark.parametrize(
    ("given", "key", "known", "shown"),
    [
        ("measure=[coherence,agreement]", "measure", "[coherence,agreement]", "measure=[coherence,agreement]"),
        ("measure=coherence", "measure", "coherence", "measure=coherence"),
        ("data/inputs='gaussian_blend'", "data/inputs", "gaussian_blend", "data/inputs=gaussian_blend"),
        ("model.softmax=no", "model.softmax", False, "model.softmax=false"),
        ("seed=1", "seed", 1, "seed=1"),
        ("optimizer.lr='1e-2'", "optimizer.lr", 0.01, "optimizer.lr=0.01"),
        ("model.widths=[8,16]", "model.widths", [8, 16], "model.widths=[8,16]"),
        ("data.crop=null", "data.crop", None, "data.crop=null"),
        ("stop={dead_epochs:3}", "stop", {"train_accuracy": 0.99, "max_epochs": 1500, "dead_epochs": 3}, None),
    ],
)
def test_what_was_given_is_shown_as_it_would_be_given(given: str, key: str, known: object, shown: str | None) -> None:
    config = job(given, "trainer=cpu")
    cfg = schema.normal(config)
    assert sweep.overridden(config.hydra, cfg) == {key: known}
    shown = shown or "stop={train_accuracy:0.99,max_epochs:1500,dead_epochs:3}"
    assert sweep._overrides(config.hydra, cfg) == f" ({shown})"


def test_other_errors_stay_as_they_are() -> None:
    for error in (InputError("seed"), RunError("the loss was nan"), ZeroDivisionError()):
        assert sweep.explained(error, OmegaConf.create(), FOLDER) is error


@pytest.mark.parametrize("done", [[], ["a", "c"], ["a", "b"], ["b", "c", "d"]])
def test_a_sweep_that_is_started_again_makes_the_same_stacks(done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever has finished or failed: else the rest would go together with others, and round otherwise."""
    job = OmegaConf.create({"trainer": {"together": 2}})
    monkeypatch.setattr(sweep, "_state", sweep._State(jobs=dict.fromkeys("abcde", job)))
    monkeypatch.setattr(sweep, "_stack", lambda name: "d" if name == "d" else "others")
    monkeypatch.setattr(files, "finished", lambda folder: folder.name in done)
    monkeypatch.setattr(files, "twin", lambda folder: None)
    together = {name: [folder.name for _, folder in sweep.companions(FOLDER.parent / name)] for name in "abcde"}
    for name in set("abcde") - set(done):
        group = next(group for group in ("ab", "ce", "d") if name in group)
        left = [other for other in group if other == name or other not in done]
        assert together[name] == (left if len(left) > 1 else [])
