"""Networks that a run keeps beside its result: what their files are called, and what they say of themselves.

A file holds tensors, and in its header, as JSON, what is needed to use them. Which of them are ``wanted`` is said by
epochs, None for the end. No torch here.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from rotelab.errors import InputError
from rotelab.files import write
from rotelab.results import files

ABOUT = "rotelab"
"""The key of the header under which all of ours stands."""
KEYS = ("run", "digest", "epoch", "step", "model", "seed", "image_shape", "classes", "side", "crop", "standardize")
"""Of what stands there."""


def file(run: Path, epoch: int | None = None) -> Path:
    """Of a run's network at its end, or after an epoch."""
    return run / ("network.safetensors" if epoch is None else f"network-{epoch}.safetensors")


def remove(run: Path) -> None:
    """All that the run has kept, and what it was killed over."""
    for path in run.glob("network*.safetensors*"):
        path.unlink()


def header(path: Path) -> dict[str, Any]:
    """What a file says of its network, by ``KEYS``.

    Raises InputError where there is no such file, or none that a run has written whole.
    """
    if not path.is_file():
        raise InputError(f"there is no {path}")
    try:
        with safe_open(path, "numpy") as opened:
            found = json.loads(opened.metadata()[ABOUT])
            return {key: found[key] for key in KEYS}
    except (SafetensorError, OSError, ValueError, LookupError, TypeError) as error:
        raise InputError(f"{path} is no network that a run has kept whole ({type(error).__name__}: {error})") from error


def find(run: Path, epoch: int | None = None) -> tuple[Path, dict[str, Any]]:
    """The file of a run's network at its end, or after an epoch, and its header.

    Raises InputError, which says what there is, for a folder without it.
    """
    path = file(run, epoch)
    if path.exists():
        return path, header(path)
    if epoch is not None and file(run).exists():
        found = header(file(run))
        if found["epoch"] == epoch:  # which was the last
            return file(run), found
    there = ", ".join(sorted(path.name for path in run.glob("network*.safetensors")))
    has = f"there is {there}" if there else "a run keeps its network where it is trained with save=true"
    if not run.is_dir():
        has = "there is no such folder"
    elif (run / files.RUNS).exists():
        has = "it is the folder of a sweep, whose runs have folders of their own in it"
    raise InputError(f"{run} holds no {path.name}: {has}")


def check_kept(run: Path, wanted: Iterable[int | None]) -> None:
    """Raises InputError where a run has finished without a network that is ``wanted``: nothing finished is trained
    again unasked."""
    if files.finished(run) and (missing := _absent(run, wanted)):
        raise InputError(
            f"{run} has finished without {', '.join(missing)}, which save asks for: move that folder away, and the run "
            "is trained again, with the same numbers"
        )


def twin(run: Path, wanted: Sequence[int | None]) -> Path | None:
    """The same run, finished in another sweep below the same results folder with all networks that are ``wanted``."""
    return files.twin(run, lambda other: not _absent(other, wanted))


def copy(run: Path, other: Path, wanted: Iterable[int | None]) -> None:
    """Those that are ``wanted``, as far as the other had such epochs."""
    for path in (file(other, epoch) for epoch in wanted):
        if path.exists():
            write(run / path.name, path.read_bytes())


def _absent(run: Path, wanted: Iterable[int | None]) -> list[str]:
    """The files that a finished run lacks, of those of epochs that it had."""
    found, _ = files.read(run)
    had = (file(run, epoch) for epoch in wanted if epoch is None or epoch <= found["epochs"])
    return [path.name for path in had if not path.exists()]
