"""Hydra's launchers beside its own: what they can't do, and the jobs of submitit, which are no children of a sweep.

A signal to a sweep stops its jobs as well, on this machine and in Slurm's queue: the same command then goes on with
what is left, and meets nobody.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.core.utils import JobReturn

from rotelab.config.exits import Interrupted, interruption
from rotelab.errors import InputError
from rotelab.results.locks import is_held
from rotelab.system.signals import put_off

if TYPE_CHECKING:
    from submitit import Job

LOOK = 0.2
"""Seconds between two looks at jobs that are ending."""
PATIENCE = 60.0
"""Seconds for which Slurm may end jobs that were cancelled: its own default is to kill them after 30."""


def in_process(settings: Mapping[str, Any]) -> bool:
    """Whether a launcher's runs are this process's own, one after another."""
    return settings["_target_"].endswith(".BasicLauncher")


def of_submitit(settings: Mapping[str, Any]) -> bool:
    """Whether jobs outlive the process that starts them, and print into files of their own."""
    return "submitit" in settings["_target_"]


def check(settings: Mapping[str, Any]) -> None:
    """Raises InputError for a launcher that would start nothing."""
    if settings.get("n_jobs") == 0:
        raise InputError("hydra.launcher.n_jobs = 0 starts nothing: a number of processes, or -1 for one a core")
    if settings["_target_"].endswith(".SlurmLauncher") and not shutil.which("srun"):
        raise InputError("hydra/launcher=submitit_slurm: there is no Slurm here (srun is not found)")


@contextmanager
def stopping(settings: Mapping[str, Any], groups: Sequence[Sequence[Path]]) -> Generator[list["Job"]]:
    """The jobs that submitit is given within the block, one for each group of runs, which are given by their folders.

    Where a signal ends the block, they are stopped, and have ended when it goes on; a second signal stops them at once.
    """
    jobs: list[Job] = []
    if not of_submitit(settings):
        yield jobs
        return
    from submitit import AutoExecutor

    submit = AutoExecutor.map_array

    def recorded(executor: AutoExecutor, *arguments: Any) -> list["Job"]:
        # A job that was started and is not known would be left alone; Ctrl-C is for the sweep, which stops its jobs.
        with put_off(of_children=(signal.SIGINT,)):
            jobs.extend(submit(executor, *arguments))
        return jobs

    AutoExecutor.map_array = recorded  # ty: ignore[invalid-assignment]  # the launcher keeps its jobs to itself
    try:
        yield jobs
    except BaseException as error:
        if interruption(error):
            if settings["_target_"].endswith(".LocalLauncher"):
                _stop_here(jobs, groups)
            else:
                _cancel(jobs)
        raise
    finally:
        AutoExecutor.map_array = submit


def returned(jobs: Sequence["Job"]) -> list[JobReturn]:
    """What jobs have returned, when all have ended: those that were lost return nothing."""
    found: list[JobReturn] = []
    for job in jobs:
        with suppress(Exception):
            found += job.results()
    return found


def _stop_here(jobs: Sequence["Job"], groups: Sequence[Sequence[Path]]) -> None:
    """SIGTERM to each, and once more where it does not arrive: until its first run begins, submitit keeps it back."""
    asked: set[str] = set()

    def ended() -> bool:
        going = [(job, group) for job, group in zip(jobs, groups, strict=False) if not job.done()]
        for job, group in going:
            if job.job_id not in asked or not any(map(is_held, group)):
                asked.add(job.job_id)
                with suppress(ProcessLookupError):
                    os.kill(int(job.job_id), signal.SIGTERM)
        return not going

    try:
        _wait(ended)
    except Interrupted:
        asked.clear()
        _wait(ended, PATIENCE)
        raise


def _cancel(jobs: Sequence["Job"]) -> None:
    """SIGTERM to those that are under way, and after Slurm's KillWait SIGKILL; the others leave the queue."""
    ids = list(dict.fromkeys(job.job_id.partition("_")[0] for job in jobs))  # of an array, that of all

    def ended() -> bool:
        queue = ["squeue", "--noheader", "--jobs", ",".join(ids), "--format", "%i"]
        asked = subprocess.run(queue, capture_output=True, text=True, check=False)
        return "Invalid job id" in asked.stderr or (not asked.returncode and not asked.stdout.strip())

    with suppress(OSError):
        subprocess.run(["scancel", *ids], check=False)
        if not ids or _wait(ended, PATIENCE):
            return
    print(f"rotelab: jobs of this sweep are still in the queue: scancel {' '.join(ids)}", file=sys.stderr, flush=True)


def _wait(true: Callable[[], bool], seconds: float = float("inf")) -> bool:
    """Until something is true, at most so long; whether it was."""
    end = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < end:
        time.sleep(LOOK)
    return found
