"""One process at a time in a folder."""

import fcntl
from pathlib import Path
from typing import IO

from rotelab.errors import RunError


def hold(folder: Path) -> IO:
    """Lock the folder until the returned file is closed or the process ends, however it ends.

    Raises RunError where another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / ".lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise RunError(f"another process is at work in {folder}") from error
    return file
