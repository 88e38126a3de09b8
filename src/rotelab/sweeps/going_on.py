"""Where runs that were stopped go on, and how a signal stops them: at the end of an epoch, with a checkpoint."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rotelab.config.exits import interruption
from rotelab.results import checkpoints, files, networks
from rotelab.system.signals import Waiting, waiting

if TYPE_CHECKING:  # the first imports this, and the other torch
    from rotelab.sweeps.job import Job
    from rotelab.training.checkpoint import Kept


@contextmanager
def interruptible(jobs: "Sequence[Job]") -> Generator[Waiting, None, None]:
    """A signal waits for the end of the epoch that it comes in; it says after which one they go on."""
    what = "this run" if len(jobs) == 1 else f"this stack of {len(jobs)} runs"
    line = f"rotelab: {jobs[0].name}: {what} stops at the end of the epoch; a second signal stops it at once"
    try:
        with waiting(line) as signals:
            yield signals
    except BaseException as error:
        if signal := interruption(error):
            signal.epoch = checkpoints.epoch(jobs[0].folder)
        raise


def found(jobs: "Sequence[Job]") -> "Kept | None":
    """What they can go on from; nothing where a network that is wanted now was not kept then."""
    from rotelab.training.checkpoint import found

    path = jobs[0].folder / files.CHECKPOINT
    kept = found(path, [job.name for job in jobs])
    if kept and (lost := next((file.name for file in _had(jobs, kept.about) if not file.exists()), None)):
        checkpoints.refuse(path, f"is of a run that did not keep {lost}")
        return None
    return kept


def _had(jobs: "Sequence[Job]", about: dict[str, Any]) -> Iterator[Path]:
    """The networks that were kept by then, were they wanted as they are now; of one that failed none is needed."""
    for job in jobs:
        end = about["ended"].get(job.name, {})
        epochs = end["result"]["epochs"] if "result" in end else about["epoch"]
        for at in job.config.save.wanted if "error" not in end else ():
            if 0 < at <= epochs if at is not None else "result" in end:
                yield networks.file(job.folder, at)
