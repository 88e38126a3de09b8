"""Networks of runs that others begin with, in folders beside their own."""

from pathlib import Path

from rotelab.errors import InputError, RunError
from rotelab.results import files, networks

PLAIN = {"_target_": "rotelab.objectives.Standard"}
"""The objective of those runs, whatever that of the others is."""


def network(beside: Path | None, name: str, wanted: str, epoch: int | None = None) -> Path:
    """The network of a run after an epoch, None for its end; ``wanted`` says how that run is trained.

    Raises RunError where there is no folder ``beside``, or no such run that has finished and kept it.
    """
    if beside is None:
        raise RunError("this start needs runs in the same folder: train it as a run or a sweep of rotelab train")
    run = beside / name
    if not files.finished(run):
        raise RunError(f"this run begins with what {run} leaves, which has not finished: train it first ({wanted})")
    try:
        return networks.find(run, epoch)[0]
    except InputError as error:
        raise RunError(f"this run begins with what another has kept ({wanted} save=true): {error}") from error
