"""How far the runs of a sweep are, by the files in their folders and who holds these."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from rotelab.errors import InputError
from rotelab.results import checkpoints, files
from rotelab.results.checkpoints import Reached
from rotelab.results.locks import LOCK, is_held

FINISHED, DEAD, FAILED = "finished", "dead", "failed"
UNDER_WAY, INTERRUPTED, LEFT = "under way", "interrupted", "left"
STATES = (FINISHED, DEAD, FAILED, UNDER_WAY, INTERRUPTED, LEFT)
"""``dead`` has finished too, as it could not learn any more; ``left`` has not begun."""
TO_DO = (UNDER_WAY, INTERRUPTED, LEFT)
TAIL = 4096
"""Bytes of a curve's end that hold a whole row."""


@dataclass(frozen=True)
class State:
    """Of a run: its last ``epoch`` of ``max_epochs``, seconds since its last sign of life, the seconds that it has
    taken so far, in all of its sittings, with how many others at once, and why it failed; None where that can't be
    said. Of one that was interrupted only the seconds count that it need not do again."""

    run: str
    state: str
    epoch: int | None = None
    max_epochs: int | None = None
    age: float | None = None
    seconds: float | None = None
    together: int = 1
    reason: str | None = None
    goes_on_from: int | None = None
    """The epoch of its checkpoint, or its stack's, of a run that was interrupted."""


@dataclass(frozen=True)
class Progress:
    """Of a sweep, or of the runs in a folder that is none."""

    folder: Path
    runs: Sequence[State]

    @property
    def counts(self) -> dict[str, int]:
        """By state, of those that there are."""
        found = Counter(run.state for run in self.runs)
        return {state: found[state] for state in STATES if found[state]}

    @property
    def seconds_left(self) -> float | None:
        """About how long the rest will take, with as many at once as are under way, if each takes what those that have
        finished took on average, or, where none has, what those that have begun will take to their last epoch; None
        where neither is known. What a run has behind it is taken off."""
        whole = [run.seconds / run.together for run in self.runs if run.state in (FINISHED, DEAD) and run.seconds]
        at_work = [run for run in self.runs if run.state == UNDER_WAY]
        begun = [run for run in self.runs if run.state in (UNDER_WAY, INTERRUPTED)]
        each = whole or [expected for run in begun if (expected := _expected(run))]
        if not each:
            return None
        mean, together = sum(each) / len(each), max(run.together for run in self.runs)
        left = sum(max(0.0, mean - _spent(run)) for run in self.runs if run.state in TO_DO)
        return left / max(1, math.ceil(len(at_work) / together))

    def as_json(self) -> dict[str, Any]:
        """Plain data: ages and seconds are in seconds."""
        runs = [asdict(run) for run in self.runs]
        return {"folder": str(self.folder), "counts": self.counts, "seconds_left": self.seconds_left, "runs": runs}


def found(folder: Path, now: float) -> list[Progress]:
    """Of a sweep's folder, of a run's, or of all sweeps in a folder, at a time in seconds since 1970.

    Raises InputError where there are no runs.
    """
    if _is_run(folder):
        folder = folder.resolve()  # it may be "."
        return [Progress(folder.parent, _states(folder.parent, [folder.name], now))]
    sweeps = [sweep for sweep in (folder, *_folders(folder)) if (sweep / files.RUNS).exists() or _runs(sweep)]
    if not sweeps:
        raise InputError(f"{folder} holds no runs")
    return [Progress(sweep, _states(sweep, _names(sweep), now)) for sweep in sweeps]


def state(run: Path, now: float) -> State:
    """Of a run, by its folder, whether it is there or not."""
    (found,) = _states(run.parent, [run.name], now)
    return found


def forget(run: Path, now: float) -> None:
    """Of a run that was refused before its first epoch, no trace: there is nothing that it could go on from."""
    if not is_held(run) and state(run, now).epoch is None:
        for name in (files.FAILURE, files.CURVE, files.CONFIG, LOCK):
            (run / name).unlink(missing_ok=True)
        with suppress(OSError):  # a logger may have left what is its own
            run.rmdir()


def _states(sweep: Path, runs: Iterable[str], now: float) -> list[State]:
    kept = checkpoints.reached(sweep)
    return [_state(sweep / run, kept.get(run), now) for run in runs]


def _state(run: Path, kept: Reached | None, now: float) -> State:
    name, signs = run.name, [path.stat().st_mtime for path in _signs(run)]
    if files.finished(run):
        result, _ = files.read(run)
        return State(
            name,
            FINISHED if result.get("dead_since") is None else DEAD,
            epoch=result["epochs"],
            max_epochs=_max_epochs(result["config"]),
            age=now - signs[-1],
            seconds=result["seconds"],
            together=result.get("together", 1),
        )
    if not signs:
        return State(name, LEFT)
    values = config(run)
    common: dict[str, Any] = {"epoch": _epoch(run), "max_epochs": _max_epochs(values), "age": now - signs[-1]}
    if (run / files.FAILURE).exists():
        return State(name, FAILED, reason=_last_line(run / files.FAILURE), **common)
    if is_held(run):
        together = values.get("trainer", {}).get("together", 1)
        since = max(signs[0], kept.at) if kept else signs[0]
        seconds = max(0.0, signs[-1] - since) + (kept.seconds if kept else 0.0)
        return State(name, UNDER_WAY, seconds=seconds, together=together, **common)
    if not kept:
        return State(name, INTERRUPTED, **common)
    return State(name, INTERRUPTED, goes_on_from=kept.epoch, seconds=kept.seconds, together=kept.together, **common)


def _expected(run: State) -> float | None:
    """Seconds of a run that has begun, from its first epoch to its last."""
    epoch = run.epoch if run.state == UNDER_WAY else run.goes_on_from
    return run.seconds and epoch and run.max_epochs and run.seconds / run.together / epoch * run.max_epochs


def _spent(run: State) -> float:
    return (run.seconds or 0.0) / run.together


def _is_run(folder: Path) -> bool:
    return (folder / files.CONFIG).exists() or (folder / files.RESULT).exists()


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.is_dir())


def _runs(folder: Path) -> list[str]:
    return [path.name for path in _folders(folder) if _is_run(path)]


def _names(sweep: Path) -> list[str]:
    """As it was last started; of a folder that no sweep wrote, all."""
    return files.runs(sweep) if (sweep / files.RUNS).exists() else _runs(sweep)


def _signs(run: Path) -> list[Path]:
    """Of life, the first and the last of those that there are."""
    return [path for path in (run / files.CONFIG, run / files.CURVE) if path.exists()]


def config(run: Path) -> dict[str, Any]:
    """Of a run, as it was begun with; empty where it can't be read."""
    try:
        return dict(yaml.safe_load((run / files.CONFIG).read_text()))
    except (OSError, ValueError, TypeError, yaml.YAMLError):  # it is being written
        return {}


def _max_epochs(config: dict[str, Any]) -> int | None:
    return config.get("stop", {}).get("max_epochs")


def _epoch(run: Path) -> int | None:
    """Of the last whole row of the curve."""
    try:
        with (run / files.CURVE).open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - TAIL))
            *rows, _ = file.read().split(b"\n")
        return int(rows[-1].partition(b",")[0])
    except (OSError, LookupError, ValueError):  # it has a head alone
        return None


def _last_line(file: Path) -> str | None:
    lines = file.read_text(errors="replace").split("\n")
    return next((line for line in reversed(lines) if line.strip()), None)
