"""What lies in an image folder, without opening an image. No torch here."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from rotelab.errors import InputError

EXTENSIONS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")
"""Files that are images by their names: torchvision's list."""

IGNORED = "lost+found"
"""A folder that file systems make; it is no class, and neither is one whose name begins with a dot."""


def listing(folder: Path) -> list[tuple[str, int, int]]:
    """(path, bytes, modification time in ns) of every image ``<part>/<class>/...`` below ``folder``, sorted by path."""
    if not folder.is_dir():
        raise InputError(f"data.folder: there is no folder {folder}")
    try:
        return sorted(file for file in _files(folder, "") if file[0].count("/") >= 2)
    except OSError as error:
        raise InputError(f"{error.filename}: {error.strerror}") from error


def digest(folder: Path) -> str:
    """What the folder holds, as 16 hex digits, by names, sizes and modification times.

    Any change makes another digest; so does a copy that does not keep the times, which costs a run but never mixes two
    sets of images up.
    """
    return hashlib.sha256(repr(listing(folder)).encode()).hexdigest()[:16]


def _files(folder: Path, prefix: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name == IGNORED:
                continue
            if entry.is_dir():
                yield from _files(Path(entry.path), f"{prefix}{entry.name}/")
            elif entry.name.lower().endswith(EXTENSIONS):
                stat = entry.stat()
                yield prefix + entry.name, stat.st_size, stat.st_mtime_ns
