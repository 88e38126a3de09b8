"""What lies in a folder of images, or of files that hold them, and its digest. Nothing is opened. No torch here."""

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rotelab.data import part_names
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


SUFFIXES = {"csv": (".csv", ".tsv"), "parquet": (".parquet",), "npz": (".npz",), "webdataset": (".tar",)}
"""Of the files that sources other than an image folder are made of."""


class Nothing(InputError):
    """No file of the kind that a source reads."""


@dataclass(frozen=True)
class Listing:
    """What an image folder holds: images, and what is none, by the folder ``<part>/<class>`` that it lies in; by
    ``<class>`` where there are no parts."""

    images: list[Image]
    """Of all classes, sorted by path."""
    left_out: Mapping[str, Counter[str]]
    """``<part>/<class>`` -> how many files of which kind (``.txt``) can't be read as images here; for every class."""
    outside: int
    """Images that belong to no class: they lie in the folder itself, or in a part."""
    depth: int = 2
    """Folders that say what an image is: 2, part and class, or 1, the class."""

    @property
    def digest(self) -> str:
        """The images, as 16 hex digits, by names, sizes and modification times.

        Any change makes another digest; so does a copy that does not keep the times, which costs a run but never mixes
        two sets of images up.
        """
        return _digest(self.images)


def listing(folder: Path) -> Listing:
    """What lies below the folder.

    There are parts where one with classes is called train, test or the like, or where all have the same classes, two at
    least; else the folders are classes, and what lies in any folder below them is theirs. Raises InputError where the
    folder, or a link of an image's name, leads nowhere, and for a link to a folder that it lies in.
    """
    images, others, folders = [], [], []
    with _below(folder) as entries:
        for path, entry in entries:
            if path.endswith("/"):
                folders.append(path[:-1])
            elif kind := _unreadable(entry):
                others.append((path, kind))
            else:
                images.append(_image(path, entry))
    depth = 2 if _has_parts([path for path, _, _ in images]) else 1
    left_out: dict[str, Counter[str]] = {}
    for path in folders:
        if path.count("/") >= depth - 1:
            left_out.setdefault(_first(path, depth), Counter())
    for path, kind in others:
        if path.count("/") >= depth:
            left_out[_first(path, depth)][kind] += 1
    inside = sorted(image for image in images if image[0].count("/") >= depth)
    return Listing(inside, left_out, len(images) - len(inside), depth)


def _has_parts(paths: Sequence[str]) -> bool:
    classes: dict[str, set[str]] = {}
    for path in paths:
        if path.count("/") > 1:
            part, name, _ = path.split("/", 2)
            classes.setdefault(part, set()).add(name)
    first = next(iter(classes.values()), set())
    if any(map(part_names.of_word, classes)) or (len(first) > 1 and all(one == first for one in classes.values())):
        return True
    return all(map(part_names.of_word, {path.partition("/")[0] for path in paths if "/" in path}))


def _first(path: str, depth: int) -> str:
    return "/".join(path.split("/", depth)[:depth])


def files(place: Path, suffixes: Sequence[str]) -> list[Image]:
    """Those of such names below a folder, sorted by path, or the one file ``place``. Raises InputError as ``listing``
    does, ``Nothing`` where there is none."""
    if place.is_file():
        return [_image(place.name, place)]
    with _below(place) as entries:
        ours = (found for found in entries if found[0].lower().endswith(tuple(suffixes)))
        found = [_image(path, entry) for path, entry in ours if entry.is_file()]
    if not found:
        raise Nothing(f"{printable(place)} holds no {' or '.join(suffixes)}")
    return sorted(found)


def digest(place: Path, source: str) -> str:
    """Of what a source of this name reads there: names, sizes and times of its files."""
    if source == "image_folder":
        return listing(place).digest
    found = files(place, SUFFIXES[source])
    if source == "csv":  # and of the images that it may be about
        folder = place.parent if place.is_file() else place
        found = [*found, *images_below(folder)]
    return _digest(found)


def images_below(folder: Path) -> list[Image]:
    """All images, however deep, sorted by path."""
    with _below(folder) as entries:
        files = (found for found in entries if not found[0].endswith("/"))
        return sorted(_image(path, entry) for path, entry in files if not _unreadable(entry))


def _digest(found: list[Image]) -> str:
    return hashlib.sha256(repr(found).encode()).hexdigest()[:16]


_naming: dict[tuple[Path, str], str] = {}


def naming(place: Path, source: str = "image_folder") -> str:
    """The digest of what a source reads there when this process first asked: what all runs of a sweep are named by,
    however long it takes. From then on ``check`` compares what is there with it."""
    if (place, source) not in _naming:
        _naming[place, source] = digest(place, source)
    return _naming[place, source]


def check(place: Path, before: str, source: str = "image_folder") -> None:
    """Raises RunError where the digest of what is there is not that of ``before`` any more, or of its runs' names."""
    if digest(place, source) != before or _naming.get((place, source), before) != before:
        raise RunError(f"data.folder: images in {printable(place)} changed while they were in use: start again")


def _image(path: str, file: Path | os.DirEntry) -> Image:
    status = file.stat()  # of what a link leads to
    return path, status.st_size, status.st_mtime_ns


@contextmanager
def _below(folder: Path) -> Generator[Iterator[tuple[str, os.DirEntry]], None, None]:
    """``_entries`` of a folder; errors on the way are sentences."""
    if not folder.is_dir():
        raise InputError(f"data.folder: there is no folder {printable(folder)}")
    try:
        yield _entries(folder, "", (os.path.realpath(folder),))
    except OSError as error:
        raise InputError(f"{printable(error.filename)}: {error.strerror}") from error


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
