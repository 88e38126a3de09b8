"""What lies in an image folder, without opening an image. No torch here."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from rotelab.errors import InputError

IGNORED = "lost+found"
"""A folder that file systems make; it is no class, and neither is one whose name begins with a dot."""


def listing(folder: Path) -> list[tuple[str, int, int]]:
    """(path below ``folder``, bytes, modification time in ns) of every file in it, sorted by path."""
    if not folder.is_dir():
        raise InputError(f"data.folder: there is no folder {folder}")
    return sorted(_files(folder, ""))


def digest(folder: Path) -> str:
    """What the folder holds, as 16 hex digits: paths and sizes, so that a copy elsewhere has the same digest."""
    return hashlib.sha256(repr([(path, size) for path, size, _ in listing(folder)]).encode()).hexdigest()[:16]


def _files(folder: Path, prefix: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name == IGNORED:
                continue
            if entry.is_dir():
                yield from _files(Path(entry.path), f"{prefix}{entry.name}/")
            else:
                try:
                    stat = entry.stat()
                except FileNotFoundError as error:
                    raise InputError(f"{entry.path} is a link to nothing") from error
                yield prefix + entry.name, stat.st_size, stat.st_mtime_ns
