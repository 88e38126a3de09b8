"""Which source reads what a person has, by a look at names. No torch here."""

import os
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from rotelab.data import part_names
from rotelab.data.formats import ALWAYS, SOMETIMES
from rotelab.data.listing import IGNORED, SUFFIXES
from rotelab.errors import InputError, printable

LAYOUTS = (
    "expected train/<class>/* and test/<class>/* (or <class>/* alone), a CSV of file_name,label beside the images, "
    "Hugging Face's .parquet, an .npz of x_train, y_train, ..., or webdataset's .tar"
)
"""What can be read, for sentences about what can't."""
MOST = 300
"""Entries of a folder below the first that are looked at: enough to tell what it holds."""


def found(path: Path) -> str:
    """``image_folder``, ``csv``, ``parquet``, ``npz`` or ``webdataset``: the source, ``data=...``, that reads a file or
    a folder. Raises InputError, which says what is there and what can be read, where none does."""
    if path.is_file():
        if source := _of_file(path.name):
            return source
        raise InputError(f"{printable(path)} is no layout that can be read: {LAYOUTS}")
    if not path.is_dir():
        raise InputError(f"there is no folder or file {printable(path)}")
    try:
        return _of_folder(path)
    except OSError as error:
        raise InputError(f"{printable(error.filename or path)}: {error.strerror}") from error


def advice(path: Path, source: str) -> str:
    """For the end of a sentence: ``: data=csv reads it``, where another source does than this one; else what can be."""
    try:
        other = found(path)
    except InputError:
        other = source
    return f": {LAYOUTS}" if other == source else f": data={other} reads it"


def _of_file(name: str) -> str | None:
    return next((source for source, ends in SUFFIXES.items() if name.lower().endswith(ends)), None)


def _of_folder(folder: Path) -> str:
    """Class folders win where there are two at least, but against Hugging Face's ``metadata.csv``."""
    here = list(_entries(folder, None))
    tops = [entry for entry in here if entry.is_dir()]
    inside = [(top.name, below) for top in tops for below in _entries(Path(top.path), MOST)]
    names = [entry.name for entry in here if not entry.is_dir()]
    deeper = [entry.name for _, entry in inside if not entry.is_dir()]
    if any(os.path.exists(os.path.join(place, "metadata.csv")) for place in (folder, *tops)):
        return "csv"
    if _class_folders(inside) > 1:
        return "image_folder"
    for source in ("parquet", "webdataset", "csv", "npz"):
        if any(_of_file(name) == source for name in (*names, *deeper)):
            return source
    if _class_folders(inside):
        return "image_folder"
    there = Counter(os.path.splitext(name)[1].lower() or "without an extension" for name in (*names, *deeper))
    files = ", ".join(f"{count:,} {printable(kind)}" for kind, count in there.most_common(5))
    raise InputError(f"{printable(folder)} holds {files or 'no files'}: {LAYOUTS}")


def _class_folders(inside: list[tuple[str, os.DirEntry]]) -> int:
    """How many folders look like classes of images, at the first level or the second."""
    classes = set()
    for top, entry in inside:
        if entry.is_dir():
            if any(_is_image(below.name) for below in _entries(Path(entry.path), MOST) if not below.is_dir()):
                classes.add(entry.name)
        elif _is_image(entry.name) and not part_names.of_word(top):
            classes.add(top)
    return len(classes)


def _is_image(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in (*ALWAYS, *SOMETIMES)


def _entries(folder: Path, most: int | None) -> Iterator[os.DirEntry]:
    with os.scandir(folder) as entries:
        for entry in islice(entries, most):
            if not entry.name.startswith(".") and entry.name not in IGNORED:
                yield entry
