"""Images in tar archives beside their labels: ``0001.jpg`` and ``0001.cls``, in as many shards as there are."""

import json
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy

from rotelab.data import part_names
from rotelab.data.formats import readable
from rotelab.data.listing import SUFFIXES, files
from rotelab.data.parts import Source
from rotelab.data.places import Paths
from rotelab.data.stored import Encoded, numbered, watched
from rotelab.errors import InputError, printable

LONGEST = 1 << 20
"""Bytes of a label, more than any has."""


def webdataset(side: int | None, folder: str, cache: str, storage: str, on_bad_image: str) -> Source:
    """Tar archives of ``key.jpg`` and ``key.cls`` (or ``key.json`` with a ``label``), in the order of their names and
    of what is in them. An archive called train, test or the like is of that part. ``folder`` may be an archive itself.

    Raises InputError for an archive that is none, is compressed or cut, a key that is there twice, an image without a
    label and a label without an image.
    """
    given = Path(folder).expanduser().resolve()
    root = given.parent if given.is_file() else given
    digest, unchanged = watched("webdataset", given)
    found: dict[str, list[tuple[int, _Pair]]] = {}
    shards = [path for path, _, _ in files(given, SUFFIXES["webdataset"])]
    for number, (shard, part) in enumerate(zip(shards, part_names.of_files(root, shards), strict=True)):
        found.setdefault(part, []).extend((number, pair) for pair in _pairs(root / shard))
    found = part_names.renamed(found)
    classes, labels = numbered({part: [pair.label for _, pair in inside] for part, inside in found.items()})
    places = {part: _Members(Paths(root, shards), inside) for part, inside in found.items()}
    encoded = Encoded("webdataset", given, places, labels, classes, digest, unchanged)
    return encoded.source(side, cache, storage, on_bad_image)


@final
@dataclass(frozen=True)
class _Pair:
    """An image in an archive, and its label."""

    name: str
    start: int
    size: int
    label: str


@final
@dataclass(frozen=True)
class Member:
    """An image in an archive: so many bytes from a place in it."""

    archive: Path
    name: str
    start: int
    size: int

    def __str__(self) -> str:
        return f"{self.archive}: {self.name}"

    @property
    def suffix(self) -> str:
        return Path(self.name).suffix

    def read_bytes(self) -> bytes:
        with self.archive.open("rb") as file:
            file.seek(self.start)
            return file.read(self.size)


@final
class _Members:
    """Images of a part, in several archives."""

    def __init__(self, shards: Paths, pairs: Sequence[tuple[int, _Pair]]) -> None:
        self.shards = shards
        self.names = Paths(Path(), [pair.name for _, pair in pairs])
        self.spans = numpy.array([(number, pair.start, pair.size) for number, pair in pairs], numpy.int64)

    def __len__(self) -> int:
        return len(self.spans)

    def __getitem__(self, index: int) -> Member:
        name = self.names.name(index)
        shard, start, size = self.spans[index].tolist()
        return Member(self.shards[shard], name, start, size)

    def name(self, index: int) -> str:
        return f"{self.shards.name(int(self.spans[index, 0]))}: {self.names.name(index)}"


def _pairs(archive: Path) -> Iterator[_Pair]:
    """Of an archive, by its first appearance of each key: what stands before the first dot of a file's name."""
    images: dict[str, tuple[str, int, int]] = {}
    labels: dict[str, str] = {}
    where = printable(archive)
    try:
        with tarfile.open(archive, "r:") as tar:
            end = archive.stat().st_size
            for member in tar:
                folder, _, last = member.name.rpartition("/")
                if not member.isreg() or last.startswith("."):
                    continue
                stem, _, ending = last.partition(".")
                key, suffix = f"{folder}/{stem}", f".{ending.rpartition('.')[2].lower()}"
                if member.offset_data + member.size > end:
                    raise tarfile.ReadError("it ends within a file")
                if readable(suffix):
                    if key in images:
                        raise InputError(
                            f"{where}: {printable(member.name)} and {printable(images[key][0])} share a key"
                        )
                    images[key] = (member.name, member.offset_data, member.size)
                elif suffix in (".cls", ".json"):
                    text = _label(archive, tar, member, suffix)
                    if suffix == ".cls" and key in labels:
                        raise InputError(f"{where}: {printable(member.name)} is there twice")
                    if text is not None and (suffix == ".cls" or key not in labels):
                        labels[key] = text
    except OSError as error:
        raise InputError(f"{where}: {error.strerror}") from error
    except tarfile.TarError as error:
        raise InputError(f"{where} can't be read as a tar archive that is not compressed: {error}") from error
    if not images:
        raise InputError(f"{where} holds no images")
    for key, (name, start, size) in images.items():
        if key not in labels:
            raise InputError(f"{where}: {printable(name)} has no label: no .cls of its key, and no .json with a label")
        yield _Pair(name, start, size, labels[key])
    if lost := next((key for key in labels if key not in images), None):
        raise InputError(f"{where}: {printable(lost.lstrip('/'))} has a label and no image that can be read here")


def _label(archive: Path, tar: tarfile.TarFile, member: tarfile.TarInfo, suffix: str) -> str | None:
    """What a file says; None for a .json without a label. Raises InputError for what is empty or no text."""
    where = f"{printable(archive)}: {printable(member.name)}"
    file = tar.extractfile(member)
    if file is None or member.size > LONGEST:
        raise InputError(f"{where} is no label")
    try:
        text = file.read().decode()
        if suffix == ".json":
            content = json.loads(text)
            found = [content[name] for name in ("label", "cls", "class") if name in content]
            text = str(found[0]).encode(errors="backslashreplace").decode() if found else None
    except (ValueError, TypeError) as error:
        raise InputError(f"{where} can't be read as a label") from error
    if text is not None and not text.strip():
        raise InputError(f"{where} is empty: it should be a label")
    return text if text is None else text.strip()
