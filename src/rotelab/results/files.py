"""The files of a run and of a sweep: what they are called, and whether they are whole.

A run's folder holds ``config.yaml``, ``curve.csv`` and, once it has finished, ``result.json``; a folder without the
last is not finished, and neither is one whose files are damaged. A sweep's folder holds ``runs.csv``, the runs that
belong to it as it was last started.
"""

import csv
import hashlib
import json
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from rotelab.errors import InputError, Notice
from rotelab.files import write

RESULT, CURVE, CONFIG, RUNS, FAILURE = "result.json", "curve.csv", "config.yaml", "runs.csv", "failure.txt"
CHECKPOINT = "checkpoint.bin"
"""Of a run that has not ended, from which it goes on; of several that train together in the folder of the first."""
SINGLE = "single"
"""Where runs lie that are of no sweep."""
JOURNAL = ".results.json"
"""Of a sweep: results of runs that trained together, while they are being written."""
COLUMNS = ("epoch", "step", "images", "split", "metric", "value")
"""Of a run's curve."""


class Damaged(Exception):
    """A file of a finished run that can't be read, or that is not the one which was written; a sentence."""


def name(objective: str, digest: str) -> str:
    """Of a run and of its folder. Read it, never parse it."""
    return f"{objective}-{digest}"


def sweep_folder(sweep: str, scale: str | None) -> str:
    """``gradient_splitting_fig1-demo``: where the runs of a sweep at a scale lie."""
    return "-".join(part for part in (sweep.replace("/", "_"), scale) if part)


def runs(sweep: Path) -> list[str]:
    """The runs that belong to a sweep; for a folder that no sweep wrote, all that have finished.

    Raises InputError where the sweep's own list is damaged.
    """
    if not (sweep / RUNS).exists():
        return [path.parent.name for path in sorted(sweep.glob(f"*/{RESULT}")) if finished(path.parent)]
    try:
        with (sweep / RUNS).open(newline="") as file:
            return [row["run"] for row in csv.DictReader(file)]
    except (KeyError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{sweep / RUNS} is damaged: the same sweep, started again, writes it anew") from error


def write_runs(sweep: Path, runs: Iterable[str]) -> None:
    """Record the runs, by the names of their folders, that belong to a sweep as configured now."""
    write(sweep / RUNS, "".join(f"{line}\n" for line in ("run", *runs)))


def finished(run: Path) -> bool:
    """Whether the run has finished: its result is there, and the curve beside it is whole.

    Warns, once, of files that are damaged: such a run has not finished, and is run again.
    """
    return (run / RESULT).exists() and _looked(run)[0]


def check_own(run: Path) -> None:
    """Raises InputError where the run's folder holds the result of another one, such as a folder that was renamed."""
    if finished(run) and (other := _looked(run)[1]) != run.name:
        what = f"the result of another run, {other}" if other else "a result that does not say which run it is of"
        raise InputError(f"{run} holds {what}: move it away")


def complete(sweep: Path, names: Sequence[str]) -> bool:
    """Whether nothing is left to do for a sweep of these runs: all have finished, and its folder says so."""
    try:
        recorded = (sweep / RUNS).exists() and runs(sweep) == list(names) and not (sweep / JOURNAL).exists()
    except InputError:
        return False
    return recorded and all(finished(sweep / name) for name in names)


def twin(run: Path, fits: Callable[[Path], bool] = lambda other: True) -> Path | None:
    """The same run, finished in another sweep below the same results folder, of those that ``fits``."""
    found = (path.parent for path in sorted(run.parent.parent.glob(f"*/{run.name}/{RESULT}")))
    same = (other for other in found if finished(other) and _looked(other)[1] == run.name)
    return next(filter(fits, same), None)


def read(run: Path) -> tuple[dict[str, Any], bytes]:
    """The result and the curve of a finished run.

    Raises FileNotFoundError where there is no result, and Damaged where it can't be read, or where its curve is another
    one, or of a version that did not count images.
    """
    path, file = run / RESULT, run / CURVE
    text = path.read_bytes()
    try:
        found = json.loads(text)
        if not isinstance(found, dict):
            raise ValueError("it is no object")
    except ValueError as error:  # of JSON, or of its encoding
        raise Damaged(f"{path} can't be read ({error})") from error
    try:
        curve = file.read_bytes()
    except OSError as error:
        raise Damaged(f"{file} can't be read ({error.strerror})") from error
    if not curve.startswith(",".join(COLUMNS).encode()):
        raise Damaged(f"{file} has other columns than {', '.join(COLUMNS)}, as those of earlier versions have")
    if found.get("curve") != fingerprint(curve):
        raise Damaged(f"{file} is not the curve that {RESULT} was written for")
    return found, curve


def fingerprint(curve: bytes) -> dict[str, Any]:
    """What a result says of the curve that it was written for."""
    return {"sha256": hashlib.sha256(curve).hexdigest(), "rows": curve.count(b"\n") - 1}


def _looked(run: Path) -> tuple[bool, str | None]:
    return _look(run, *(_stamp(run / file) for file in (RESULT, CURVE)))


@cache
def _look(run: Path, *stamps: object) -> tuple[bool, str | None]:
    """Whether the files of a run, which have these ``stamps``, are whole, and the name of the run that they are of.

    Asked for often, read and said once.
    """
    try:
        found, _ = read(run)
    except Damaged as damage:
        warnings.warn(f"{damage}: this run counts as not finished", Notice, stacklevel=4)
        return False, None
    return True, _name(found)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


def _name(found: Mapping[str, Any]) -> str | None:
    """Of the run that a result is of, by what it was; None where it does not say."""
    try:
        return name(found["choices"]["objective"], found["digest"])
    except LookupError:
        return None
