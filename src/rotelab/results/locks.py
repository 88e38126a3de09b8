"""One process at a time in a folder."""

import fcntl
import time
from pathlib import Path
from typing import IO

from rotelab.errors import RunError

LOCK = ".lock"
TRIES, PAUSE = 10, 0.02
"""Whoever asks whether a folder is held holds it for a moment: another try comes after so many seconds."""


def hold(folder: Path) -> IO:
    """Lock the folder until the returned file is closed or the process ends, however it ends.

    Raises RunError where another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / LOCK).open("w")
    for _ in range(TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(PAUSE)
        else:
            return file
    file.close()
    raise RunError(f"another process is at work in {folder}")


def is_held(folder: Path) -> bool:
    """Whether a process is at work in the folder, as far as it can be seen from this machine. Nothing is written."""
    try:
        with (folder / LOCK).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # there is no lock, or there are none on this disk
        return False
    return False
