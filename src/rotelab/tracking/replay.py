"""Tells a dashboard of a run that has finished, from its files: what a training would have told it epoch by epoch."""

from pathlib import Path
from typing import Any

from rotelab.results import files
from rotelab.tracking import described
from rotelab.tracking.tracked import FINISHED, Tracked
from rotelab.tracking.wandb_run import Destination, recorded

PICTURE = "curve.png"
"""Of a single run, beside its result."""


def told(run: Path, destination: Destination) -> bool:
    """Whether a finished run was told of as it is now: to any place, but to an agent of its own trial alone."""
    found, _ = files.read(run)
    record, trial = recorded(run), destination.trial
    return record.get("told") == found["curve"]["sha256"] and (not trial or trial["id"] == record.get("id"))


def replay(run: Path, tracked: Tracked) -> bool:
    """Tell all of a finished run. Says whether it went well. Raises FileNotFoundError or Damaged as ``files.read``
    does."""
    found, _ = files.read(run)
    tracked.start(goes_on=True)
    for step, values in described.rows(run / files.CURVE):
        tracked.log(step, values)
    if (run / PICTURE).exists():
        tracked.picture("curve", run / PICTURE)
    return finish(tracked, found)


def finish(tracked: Tracked, result: dict[str, Any]) -> bool:
    """The end of a run whose result is written."""
    return tracked.finish(described.summary(result, tracked.best), FINISHED, result["curve"]["sha256"])
