"""Images and labels as arrays in one ``.npz``: ``x_train``, ``y_train``, ``x_test``, ``y_test``, or a pair of them."""

import re
import struct
import zipfile
import zlib
from functools import cached_property
from pathlib import Path
from typing import Any, final

import numpy
import torch
from jaxtyping import UInt8
from torch import Tensor

from rotelab.data import image_files, memory, part_names, stored
from rotelab.data.listing import SUFFIXES, files
from rotelab.data.parts import Part, Source
from rotelab.errors import InputError, check_one_of, printable

IMAGES = ("x", "image", "images", "data", "img", "imgs")
LABELS = ("y", "label", "labels", "target", "targets")
NAMES = ("classes", "class_names", "label_names", "names")


def npz(side: int | None, folder: str, storage: str) -> Source:
    """Images (image, height, width), with channels last or first, grey or colours, whole numbers to 255 or fractions to
    1; labels as numbers, text or one-hot. ``folder`` is the file, or holds it alone.

    ``storage="stream"`` maps 8-bit images that are not compressed (``numpy.savez``); ``"auto"``: in memory if all fit
    into half of what is available. Raises InputError, which names the array, for any other shape or range, for arrays
    of different lengths, and for what can't be read.
    """
    check_one_of("storage", storage, "auto", "memory", "stream")
    given = Path(folder).expanduser().resolve()
    _, unchanged = stored.watched("npz", given)
    path = _file(given)
    arrays = _Arrays(path)
    pairs = arrays.pairs()
    names = {part: arrays.labels(of_labels) for part, (_, of_labels) in pairs.items()}
    called = arrays.names()
    classes, labels = stored.numbered(names)
    if called:
        missing = next((name for name in classes if not name.isdecimal() or int(name) >= len(called)), None)
        if missing is not None:
            raise InputError(f"{printable(path)}: label {printable(missing)} has no name among the {len(called)}")
        classes = tuple(called[int(name)] for name in classes)
    for part, (of_images, of_labels) in pairs.items():
        count = arrays.shape(of_images)[0]
        if count != len(labels[part]) or not count:
            one, other = (printable(name) for name in (of_images, of_labels))
            raise InputError(
                f"{printable(path)}: {one} holds {count:,} images and {other} {len(labels[part]):,} labels"
            )
        if missing := [name for number, name in enumerate(classes) if number not in set(labels[part])]:
            raise InputError(f"{printable(path)}: {printable(of_labels)} lacks the class {printable(missing[0])}")
    stored.say(f"{printable(path)}: {stored.summary(labels, classes)}")
    streamed = storage == "stream" or (storage == "auto" and not arrays.fit(pairs, side))
    parts = {
        part: Part(arrays.images(of_images, side, streamed), torch.tensor(labels[part]), streamed=streamed)
        for part, (of_images, _) in pairs.items()
    }
    if len({tuple(part.images.shape[1:]) for part in parts.values()}) > 1:
        shapes = " and ".join("x".join(map(str, part.images.shape[1:])) for part in parts.values())
        raise InputError(f"{printable(path)}: images of its parts are {shapes}: data.side=N resizes all")
    return Source(parts, tuple(map(printable, classes)), check=unchanged)


def _file(given: Path) -> Path:
    found = [given] if given.is_file() else [given / path for path, _, _ in files(given, SUFFIXES["npz"])]
    if len(found) > 1:
        names = ", ".join(printable(path.name) for path in found[:5])
        raise InputError(f"{printable(given)} holds {names}: data.folder=<the one that is meant>")
    return found[0]


@final
class Mapped:
    """An array of 8-bit images in a file, read when they are asked for; it can be pickled."""

    def __init__(self, path: Path, start: int, shape: tuple[int, ...], side: int | None) -> None:
        self.path, self.start, self.stored, self.side = path, start, shape, side
        count, *one = shape
        channels, height, width = _channels_first(numpy.empty((1, *one), numpy.uint8)).shape[1:]
        self.shape = (count, channels, side or height, side or width)
        """(images, channels, height, width)"""

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: int) -> UInt8[Tensor, "channel height width"]:
        one = _channels_first(self._array[range(len(self))[index]][None]).copy()  # of its own, and in order
        return image_files.resized(torch.from_numpy(one), self.side)[0]

    @cached_property
    def _array(self) -> numpy.ndarray:
        return numpy.memmap(self.path, numpy.uint8, "r", self.start, self.stored)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_array"}


class _Arrays:
    """The arrays of a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.file = numpy.load(path, allow_pickle=False)
            self.keys = list(self.file.keys())
        except (OSError, ValueError, EOFError, zipfile.BadZipFile, AttributeError) as error:
            raise InputError(f"{printable(path)} can't be read as .npz: {error}") from error

    def pairs(self) -> dict[str, tuple[str, str]]:
        """Part -> the keys of its images and of its labels."""
        kinds: dict[str, dict[str, str]] = {}
        for key in self.keys:
            words = re.findall("[a-z]+", key.lower())
            part = next((found for word in words if (found := part_names.of_word(word))), part_names.WHOLE)
            for index, known in enumerate((IMAGES, LABELS)):
                # the label of "train_images_labels" is the last word that says something
                last = next((word for word in reversed(words) if word in (*IMAGES, *LABELS)), None)
                if last in known and key.lower() not in NAMES:
                    kinds.setdefault(part, {}).setdefault(("images", "labels")[index], key)
        pairs = {part: (kind["images"], kind["labels"]) for part, kind in kinds.items() if len(kind) == 2}
        if not pairs:
            there = ", ".join(map(printable, self.keys)) or "nothing"
            raise InputError(f"{printable(self.path)} holds {there}: expected x_train, y_train, ..., or images, labels")
        if len(pairs) > 1:
            pairs.pop(part_names.WHOLE, None)
        return part_names.renamed(pairs)

    def array(self, key: str) -> numpy.ndarray:
        try:
            return self.file[key]
        except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            text = "it holds Python objects" if "pickle" in str(error) else error
            raise InputError(f"{printable(self.path)}: {printable(key)} can't be read: {text}") from error

    def names(self) -> list[str]:
        key = next((key for key in self.keys if key.lower() in NAMES), None)
        return [] if key is None else [str(name) for name in self.array(key).ravel().tolist()]

    def labels(self, key: str) -> list[str]:
        values = self.array(key)
        where = f"{printable(self.path)}: {printable(key)}"
        if values.ndim == 2 and values.shape[1] > 1 and values.dtype.kind in "biuf":
            if not (((values == 0) | (values == 1)).all() and (values.sum(1) == 1).all()):
                raise InputError(f"{where} has the shape {values.shape}, and its rows are not one-hot")
            values = values.argmax(1)
        values = values.reshape(len(values), -1) if values.ndim else values
        if values.ndim != 2 or values.shape[1] != 1 or values.dtype.kind not in "biufUS":
            raise InputError(
                f"{where} has the shape {self.array(key).shape} of {values.dtype}: a label an image is needed"
            )
        values = values[:, 0]
        if values.dtype.kind == "f":
            if not (values == numpy.round(values)).all():
                raise InputError(f"{where} holds labels that are no whole numbers")
            values = values.astype(numpy.int64)
        if values.dtype.kind in "biu" and len(values) and values.min() < 0:
            raise InputError(f"{where} holds a label below 0, image {int(values.argmin())}: it has no label")
        names = [name.decode(errors="replace") if isinstance(name, bytes) else str(name) for name in values.tolist()]
        if "" in names:
            raise InputError(f"{where}: image {names.index('')} has no label")
        return names

    def shape(self, key: str) -> tuple[int, ...]:
        shape, _, _ = self._header(key)
        if len(shape) not in (3, 4) or (len(shape) == 4 and not _says_channels(shape)):
            expected = "(images, height, width), with channels (1 or 3) last or first"
            raise InputError(f"{printable(self.path)}: {printable(key)} has the shape {shape}: expected {expected}")
        return shape

    def fit(self, pairs: dict[str, tuple[str, str]], side: int | None) -> bool:
        needed = 0
        for key, _ in pairs.values():
            count, *one = self.shape(key)
            needed += int(numpy.prod(one)) * count * 5
        return memory.fits(needed, memory.available())

    def images(
        self, key: str, side: int | None, streamed: bool
    ) -> UInt8[Tensor, "image channel height width"] | Mapped:
        shape, dtype, fortran = self._header(key)
        where = f"{printable(self.path)}: {printable(key)}"
        if streamed:
            start = self._start(key)
            if start is None or dtype != numpy.uint8 or fortran:
                text = "data.storage=stream needs 8-bit images that are not compressed (numpy.savez); memory reads all"
                raise InputError(f"{where}: {text}")
            return Mapped(self.path, start, shape, side)
        values = _as_bytes(self.array(key), where)
        images = numpy.ascontiguousarray(_channels_first(values))
        return image_files.resized(torch.from_numpy(images), side)

    def _header(self, key: str) -> tuple[tuple[int, ...], numpy.dtype, bool]:
        """Shape, type and whether columns come first."""
        try:
            with self.file.zip.open(f"{key}.npy") as member:
                return _read_header(member)
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise InputError(f"{printable(self.path)}: {printable(key)} can't be read: {error}") from error

    def _start(self, key: str) -> int | None:
        """Where the values of an array begin in the file; None where they are compressed."""
        info = self.file.zip.getinfo(f"{key}.npy")
        if info.compress_type != zipfile.ZIP_STORED:
            return None
        with self.path.open("rb") as file:
            file.seek(info.header_offset + 26)
            name, extra = struct.unpack("<HH", file.read(4))
        start = info.header_offset + 30 + name + extra
        with self.file.zip.open(info) as member:
            _read_header(member)
            return start + member.tell()


def _read_header(member: zipfile.ZipExtFile) -> tuple[tuple[int, ...], numpy.dtype, bool]:
    """Shape, type and whether columns come first; the values follow."""
    major, _ = numpy.lib.format.read_magic(member)
    read = numpy.lib.format.read_array_header_1_0 if major == 1 else numpy.lib.format.read_array_header_2_0
    shape, fortran, dtype = read(member)
    return shape, dtype, fortran


def _says_channels(shape: tuple[int, ...]) -> bool:
    return shape[-1] in (1, 3, 4) or shape[1] in (1, 3)


def _channels_first(values: numpy.ndarray) -> numpy.ndarray:
    """Of grey images with the one channel; without alpha."""
    if values.ndim == 3:
        return values[:, None]
    return numpy.moveaxis(values, -1, 1)[:, :3] if values.shape[-1] in (1, 3, 4) else values


def _as_bytes(values: numpy.ndarray, where: str) -> numpy.ndarray:
    """Levels 0 to 255; fractions from 0 to 1 are scaled and rounded."""
    kind = values.dtype.kind
    if values.dtype == numpy.uint8:
        return values
    if kind == "b":
        return values.astype(numpy.uint8) * 255
    if kind not in "iuf":
        raise InputError(f"{where} holds {values.dtype}, no levels")
    low, high = (float(values.min()), float(values.max()))
    if kind == "f" and low >= 0 and high <= 1:
        return numpy.round(values * 255).astype(numpy.uint8)
    if not (low >= 0 and high <= 255 and (kind != "f" or (values == numpy.round(values)).all())):
        raise InputError(f"{where} ranges from {low:g} to {high:g}: expected 0 to 255, or fractions from 0 to 1")
    return values.astype(numpy.uint8)
