"""What ``result.json`` holds, and its writing: of one run, of several at once, and of one that another sweep has."""

import csv
import io
import json
import math
import platform
import subprocess
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rotelab.errors import Notice
from rotelab.files import sync, write
from rotelab.results import arrays, networks
from rotelab.results.files import CHECKPOINT, CURVE, JOURNAL, RESULT, fingerprint, read

if TYPE_CHECKING:  # it imports torch
    from rotelab.training.recipe import Outcome

T = TypeVar("T")

LEVELS = (0.5, 0.9, 0.99)
"""Train accuracies, on ten classes, whose first epoch, step and count of images every result records."""

UNITS = {"epochs": "epoch", "optimizer steps": "step", "images": "images"}
"""Of how long something took, and the columns of a curve that count them. ``images`` are those that went through a
training pass: two batches a step where one is unlearned."""

_LIBRARIES = ("rotelab", "torch", "torchvision", "lightning", "hydra-core", "numpy")


def result(run: Path, about: dict[str, Any], outcome: "Outcome") -> dict[str, Any]:
    """What ``result.json`` holds: what the run was, how it ended, what it ran on. Its curve has to be written.

    A metric that is no finite number is null. What only describes the run is null where it can't be found out.
    """
    curve = (run / CURVE).read_bytes()
    return {
        "run": run.name,
        **about,
        "metrics": {key: value if math.isfinite(value) else None for key, value in outcome.metrics.items()},
        "epochs": outcome.epochs,
        "steps": outcome.steps,
        "images": outcome.images,
        "dead_since": outcome.dead_since,
        "class_count": outcome.classes,
        "curve": fingerprint(curve),
        "labels_changed": outcome.labels_changed,
        "skipped": outcome.skipped,
        "first_reaching": first_reaching(
            _train_accuracy(curve), [level(of_ten, 1 / outcome.classes) for of_ten in LEVELS]
        ),
        "seconds": round(outcome.seconds, 1),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "device": outcome.device,
        "devices": outcome.devices,
        "threads": outcome.threads,
        "together": outcome.together,
        "sittings": outcome.sittings,
        "machine": _or_none(lambda: f"{platform.system()} {platform.machine()}"),
        "versions": {
            "python": _or_none(platform.python_version),
            **{library: _or_none(lambda library=library: version(library)) for library in _LIBRARIES},
        },
        "commit": _or_none(_commit),
    }


def level(of_ten: float, chance: float) -> float:
    """The accuracy that is as far on the way from ``chance`` to 1 as ``of_ten`` is on ten classes.

    Levels are named by their accuracy on ten classes, as the paper's: a way of q = (of_ten - .1) / .9, which ends at
    chance + q (1 - chance); to four digits. Thresholds that end a run are accuracies as they are.
    """
    way = (of_ten - 0.1) / 0.9
    return round(chance + way * (1 - chance), 4)


def first_reaching(
    accuracy: Sequence[tuple[int, int, int, float]], levels: Iterable[float]
) -> dict[float, dict[str, int] | None]:
    """For each level, the first epoch, step and images at which the accuracy was at least that; None if it never was.

    ``accuracy`` has a row (epoch, step, images, accuracy) per epoch.
    """
    return {
        level: next((dict(zip(UNITS.values(), at, strict=True)) for *at, value in accuracy if value >= level), None)
        for level in levels
    }


def write_results(results: Mapping[Path, dict[str, Any]]) -> None:
    """``result.json`` of runs of one sweep: all of them or none, whatever kills the process meanwhile (``settle``).

    The curves reach the disk first, then the results, then the folders.
    """
    for run in results:
        sync(run / CURVE)
        sync(run.parent)  # which has the folder's name
    if len(results) == 1:
        ((run, result),) = results.items()
        _finish(run, result)
    elif results:
        sweep = next(iter(results)).parent
        write(sweep / JOURNAL, _as_json({run.name: result for run, result in results.items()}))
        settle(sweep)


def settle(sweep: Path) -> None:
    """Write the results that a process was killed over, if there are any, but those of runs that were deleted, or
    trained anew, since then."""
    journal = sweep / JOURNAL
    if journal.exists():
        for run, result in _journal(journal).items():
            curve = sweep / run / CURVE
            if curve.exists() and fingerprint(curve.read_bytes()) == result["curve"]:
                _finish(sweep / run, result)
        journal.unlink()
        sync(sweep)


def adopt(run: Path, about: dict[str, Any], wanted: Sequence[int | None] = ()) -> Path | None:
    """Copy the ``twin`` of a run into its folder, with the networks that are ``wanted``, and say where it is from; None
    where it has none.

    ``about`` says how this sweep describes it: a column of its table may be an option that the other one never gave.
    """
    if other := networks.twin(run, wanted):
        found, curve = read(other)
        networks.copy(run, other, wanted)
        arrays.copy(run, other)
        (run / CURVE).write_bytes(curve)
        write_results({run: found | about | {"curve": fingerprint(curve)}})
    return other


def clear(run: Path) -> None:
    """Remove the checkpoint of a run that has finished; one that was killed before it came to that has it still."""
    for name in (CHECKPOINT, f"{CHECKPOINT}.partial"):  # the latter of a process that was killed while it wrote
        (run / name).unlink(missing_ok=True)


def _finish(run: Path, result: Mapping[str, Any]) -> None:
    write(run / RESULT, _as_json(result))
    clear(run)


def _journal(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text()))
    except (ValueError, TypeError) as error:
        warnings.warn(f"{path} can't be read ({error}): its runs count as not finished", Notice, stacklevel=3)
        return {}


def _as_json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2, allow_nan=False)


def _or_none(find: Callable[[], T]) -> T | None:
    """What only describes a run must not fail it."""
    try:
        return find()
    except Exception:
        return None


def _train_accuracy(curve: bytes) -> list[tuple[int, int, int, float]]:
    return [
        (int(row["epoch"]), int(row["step"]), int(row["images"]), float(row["value"]))
        for row in csv.DictReader(io.StringIO(curve.decode(), newline=""))
        if (row["metric"], row["split"]) == ("accuracy", "train")
    ]


def _commit() -> str | None:
    """The commit of the code, with ``-dirty`` behind it where files were changed; None outside a git checkout."""
    describe = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    folder = Path(__file__).parents[3]
    if not (folder / ".git").exists():  # an installed package may lie in somebody else's checkout
        return None
    done = subprocess.run(describe, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout.strip() or None
