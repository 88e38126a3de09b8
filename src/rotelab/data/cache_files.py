"""Files in ``data.cache``: written whole or not at all, and what killed processes left of them taken away."""

import fcntl
import os
import tempfile
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from rotelab.errors import InputError, Notice, RunError, is_full_disk, printable
from rotelab.files import replacing

KINDS = ("image_folder", "csv", "parquet", "webdataset", "bad_images")
"""What the names of our files begin with; all others in the folder are somebody else's."""


def write(file: Path, content: Callable[[IO[bytes]], object]) -> None:
    """``content(opened file)``: all of it or nothing, however many processes write it at once.

    Raises RunError where the disk is full and InputError where the folder can't be written; the folder is tried first.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file, _partial(file)) as partial_file:
            content(partial_file)
    except OSError as error:
        folder = printable(file.parent)
        if is_full_disk(error):
            text = f"data.cache: the disk of {folder} is full: choose another folder, or data.storage=stream"
            raise RunError(text) from error
        raise InputError(f"data.cache: {folder} can't be written ({error.strerror}): choose another folder") from error


def say_damaged(file: Path, error: Exception) -> None:
    """A Notice, by what reading the file has led to."""
    warnings.warn(f"data.cache: {printable(file)} is damaged ({error}): decoded anew", Notice, stacklevel=3)


def remove_leftovers(folder: Path) -> None:
    """Delete the partial files of processes that were killed; one that is being written is locked, and stays."""
    for left in (path for kind in KINDS for path in folder.glob(f"{kind}-*.partial")):
        with suppress(OSError), left.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()


def _partial(file: Path) -> IO[bytes]:
    while True:
        made = tempfile.NamedTemporaryFile(  # noqa: SIM115, whoever asks closes it
            dir=file.parent, prefix=f"{file.stem}.", suffix=".partial", delete=False
        )
        with suppress(OSError):  # on a file system without locks nothing is removed either
            fcntl.flock(made, fcntl.LOCK_EX)
        if os.fstat(made.fileno()).st_nlink:
            return made
        made.close()  # another process took it for a leftover, in the moment before it was locked
