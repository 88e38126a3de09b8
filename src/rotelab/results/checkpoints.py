"""The file of a run, or of a stack of them, that has not ended.

A line with the hash of all that follows; one of JSON, which says what it is and has the length and the hash of every
curve; the state. Nothing in it is code, and it is written whole or not at all. No torch here: who asks how far a run is
reads the lines alone.
"""

import hashlib
import json
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rotelab import files
from rotelab.errors import Notice
from rotelab.results.files import CHECKPOINT, CURVE

LAYOUT = 2
"""Of the file and of the state: another number where what is kept of a run, or how, has changed."""

LIBRARIES = ("rotelab", "torch", "lightning")
"""Under other versions of these a run that goes on need not be what it would have been."""


class Unusable(Exception):
    """Why a run can't go on from a file, as what follows ``the checkpoint``."""


def write(path: Path, about: Mapping[str, Any], curves: Iterable[Path], state: bytes) -> None:
    """``about`` has the ``epoch`` after which it is and whatever else its reader needs; the curves, each named by the
    run's folder that it lies in, reach the disk first."""
    found = {}
    for curve in curves:
        files.sync(curve)
        found[curve.parent.name] = _printed(curve.read_bytes())
    line = {"layout": LAYOUT, "versions": _versions(), "curves": found, **about}
    content = json.dumps(line).encode() + b"\n" + state
    files.write(path, _hash(content).encode() + b"\n" + content)


def read(path: Path, runs: Iterable[str]) -> tuple[dict[str, Any], bytes] | None:
    """What is said of the state, and the state; None where there is no file.

    Cuts the curves of the ``runs``, in folders beside the file's, to what they were. Raises Unusable for a file that is
    damaged, of other runs or versions, or beside other curves, and leaves the curves as they are.
    """
    try:
        found, _, content = path.read_bytes().partition(b"\n")
    except FileNotFoundError:
        return None
    if found.decode(errors="replace") != _hash(content):
        raise Unusable("is damaged")
    line, _, state = content.partition(b"\n")
    about = json.loads(line)
    others = {"layout": about["layout"], **about["versions"]}
    for name, ours in {"layout": LAYOUT, **_versions()}.items():
        if others.get(name) != ours:
            raise Unusable(f"is of {name} {others.get(name)}, and this is {name} {ours}")
    if about["curves"].keys() != set(runs):
        raise Unusable(f"is of {_named(about['curves'])}")
    curves = {path.parent.parent / run / CURVE: found for run, found in about["curves"].items()}
    for curve, found in curves.items():
        written = curve.read_bytes() if curve.exists() else b""
        if _printed(written[: found["bytes"]]) != found:
            raise Unusable(f"is beside another {curve} than it was written beside")
    for curve, found in curves.items():
        cut(curve, found["bytes"])
    return about, state


def cut(curve: Path, length: int) -> None:
    """To so many bytes."""
    with curve.open("r+b") as file:
        file.truncate(length)


def refuse(path: Path, reason: str) -> None:
    """Remove the file, with a Notice: what it is of starts anew."""
    warnings.warn(f"{path}: the checkpoint {reason}: it is started anew", Notice, stacklevel=3)
    path.unlink()


@dataclass(frozen=True)
class Reached:
    """How far a run is that goes on from a file: after which epoch, in how many seconds of all of its sittings, with
    how many others at once; and when the file was written, in seconds since 1970."""

    epoch: int
    seconds: float
    together: int
    at: float


def epoch(run: Path) -> int | None:
    """After which a run, or the stack whose file lies in its folder, goes on; None where there is nothing to go on
    from."""
    found = _reached(run / CHECKPOINT)
    return max(of.epoch for of in found.values()) if found else None


def reached(sweep: Path) -> dict[str, Reached]:
    """Of the runs in a folder those that go on from a file: its own, or that of its stack, in which one that has left
    it is at its end."""
    found = [_reached(path) for path in sorted(sweep.glob(f"*/{CHECKPOINT}"))]
    smallest_last = sorted(found, key=len, reverse=True)  # a run that trains by itself was in a stack before
    return {run: of for runs in smallest_last for run, of in runs.items()}


def _reached(path: Path) -> dict[str, Reached]:
    """By the names of the runs; of no file, or a damaged one, nothing."""
    try:
        with path.open("rb") as file:
            file.readline()
            about = json.loads(file.readline())
        at = path.stat().st_mtime
        ends = {run: end["result"]["epochs"] for run, end in about["ended"].items() if "result" in end}
        together, epoch, seconds = len(about["curves"]), int(about["epoch"]), float(about["seconds"])
        return {run: Reached(ends.get(run, epoch), seconds, together, at) for run in about["curves"]}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def _printed(content: bytes) -> dict[str, Any]:
    return {"bytes": len(content), "sha256": _hash(content)}


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _versions() -> dict[str, str]:
    return {library: version(library) for library in LIBRARIES}


def _named(runs: Iterable[str]) -> str:
    first, *others = runs
    return f"a stack of {first} and {len(others)} others" if others else first
