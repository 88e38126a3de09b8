"""What lies in an image folder, without opening an image. No torch here."""

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rotelab.data.formats import readable
from rotelab.errors import InputError, RunError, printable

IGNORED = frozenset(
    (
        *("lost+found", "@eaDir", "@tmp", "#recycle", "@Recycle", "__MACOSX", "$RECYCLE.BIN"),
        *("System Volume Information", "Thumbs.db", "ehthumbs.db", "desktop.ini"),
    )
)
"""What file systems, network storages and desktops put beside images; as is all whose name begins with a dot."""

Image = tuple[str, int, int]
"""(path, bytes, modification time in ns)"""


@dataclass(frozen=True)
class Listing:
    """What an image folder holds: images, and what is none, by the folder ``<part>/<class>`` that it lies in."""

    images: list[Image]
    """Of all classes, sorted by path."""
    left_out: Mapping[str, Counter[str]]
    """``<part>/<class>`` -> how many files of which kind (``.txt``) can't be read as images here; for every class."""
    outside: int
    """Images that belong to no class: they lie in the folder itself, or in a part."""

    @property
    def digest(self) -> str:
        """The images, as 16 hex digits, by names, sizes and modification times.

        Any change makes another digest; so does a copy that does not keep the times, which costs a run but never mixes
        two sets of images up.
        """
        return hashlib.sha256(repr(self.images).encode()).hexdigest()[:16]


def listing(folder: Path) -> Listing:
    """What lies below the folder.

    Raises InputError where it, or a link of an image's name, leads nowhere, and for a link to a folder that it lies in.
    """
    if not folder.is_dir():
        raise InputError(f"data.folder: there is no folder {printable(folder)}")
    images: list[Image] = []
    left_out: dict[str, Counter[str]] = {}
    outside = 0
    try:
        for path, entry in _entries(folder, "", (os.path.realpath(folder),)):
            part_and_class = "/".join(path.split("/")[:2])
            if path.endswith("/"):
                if path.count("/") > 1:
                    left_out.setdefault(part_and_class, Counter())
            elif kind := _unreadable(entry):
                if path.count("/") > 1:
                    left_out[part_and_class][kind] += 1
            elif path.count("/") > 1:
                status = entry.stat()  # of what a link leads to
                images.append((path, status.st_size, status.st_mtime_ns))
            else:
                outside += 1
    except OSError as error:
        raise InputError(f"{printable(error.filename)}: {error.strerror}") from error
    return Listing(sorted(images), left_out, outside)


_naming: dict[Path, str] = {}


def naming(folder: Path) -> str:
    """The folder's digest when this process first asked: what all runs of a sweep are named by, however long it takes.

    From then on ``check`` compares what the folder holds with it.
    """
    if folder not in _naming:
        _naming[folder] = listing(folder).digest
    return _naming[folder]


def check(folder: Path, digest: str) -> None:
    """Raises RunError where the folder does not hold the images of ``digest`` any more, or of its runs' names."""
    if listing(folder).digest != digest or _naming.get(folder, digest) != digest:
        raise RunError(f"data.folder: images in {printable(folder)} changed while they were in use: start again")


def _entries(folder: Path, prefix: str, within: tuple[str, ...]) -> Iterator[tuple[str, os.DirEntry]]:
    """All files and folders below, but those that are ignored: paths, which of folders end in ``/``, and entries.

    ``within`` are the folder and those on the way to it, as they are without links.
    """
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name in IGNORED:
                continue
            if entry.is_dir():
                real = os.path.realpath(entry.path) if entry.is_symlink() else os.path.join(within[-1], entry.name)
                if real in within:
                    raise InputError(f"{printable(entry.path)}: a link to {printable(real)}, which it lies in")
                yield f"{prefix}{entry.name}/", entry
                yield from _entries(Path(entry.path), f"{prefix}{entry.name}/", (*within, real))
            else:
                yield prefix + entry.name, entry


def _unreadable(entry: os.DirEntry) -> str | None:
    """Why a file is no image that can be read here, by its name and kind; None for one that can."""
    extension = os.path.splitext(entry.name)[1].lower()
    if not readable(extension):
        return printable(extension) or "without an extension"
    return None if stat.S_ISREG(entry.stat().st_mode) else "special (pipes, devices)"
