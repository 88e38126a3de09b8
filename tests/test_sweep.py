"""A run in a process of its own, as a launcher makes it."""

import signal
import subprocess
import sys

import pytest

JOB = """
import os, sys
from contextlib import suppress
from pathlib import Path
from hydra.types import RunMode
from omegaconf import OmegaConf
from rotelab import sweep
from rotelab.errors import RunError

launcher, number = sys.argv[1:]
node = {"job": {"num": 0}, "launcher": {"_target_": launcher}, "overrides": {"task": []}}
settings = OmegaConf.create({**node, "mode": RunMode.MULTIRUN})

def run(folder):
    if int(number):
        os.kill(os.getpid(), int(number))
    raise RunError("the loss was nan")

with suppress(RunError):  # as Hydra does
    sweep.attempt(settings, Path("/nowhere/split-12"), run)
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
