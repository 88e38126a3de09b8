"""Images of a part as files of which those in use are decoded once, into a file that all runs map into memory."""

import json
import os
import zlib
from math import prod
from pathlib import Path
from typing import IO, final

import numpy
import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from rotelab.data import cache_files
from rotelab.data.image_files import ImageFiles
from rotelab.data.progress import for_each
from rotelab.errors import printable


@final
class CachedFiles:
    """``files`` that are decoded once, as far as ``keep`` asks for them, and are then in memory; others each time.

    ``cache`` holds what has been decoded under this ``stamp``, and grows: a line of JSON, the numbers of the images
    (int64), the images, and for each the CRC-32 of its bytes (uint32), which is compared when it is used. One that is
    damaged, or of another stamp, is made anew. ``root`` is what is said to be decoded.
    """

    def __init__(self, files: ImageFiles, cache: Path, stamp: str, root: Path) -> None:
        self.files, self.cache, self.stamp, self.root = files, cache, stamp, root
        self.shape = files.shape
        """(images, channels, height, width)"""
        self._images = torch.empty((0, *self.shape[1:]), dtype=torch.uint8)
        self._row = numpy.full(len(files), -1)
        """Where an image is among those in memory; -1: nowhere."""

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> UInt8[Tensor, "channel height width"]:
        row = self._row[index]
        return self.files[index] if row < 0 else self._images[row]

    def keep(self, numbers: Int64[Tensor, " chosen"]) -> None:
        """Have these images in memory. Raises InputError for one that can't be decoded, and where ``cache`` can't be
        written, and RunError where its disk is full."""
        if (self._row[numbers.numpy()] >= 0).all():
            return
        wanted = numpy.union1d(numpy.flatnonzero(self._row >= 0), numbers.numpy())
        try:
            there, images, sums = self._read()
            at = numpy.flatnonzero(numpy.isin(there, wanted))
            if any(_sum(images[row], int(there[row])) != sums[row] for row in at):
                raise ValueError("an image has another checksum")
        except (FileNotFoundError, _OfAnotherStamp):
            there, images, sums = self._nothing()
        except Exception as error:  # whatever a damaged one leads to
            cache_files.say_damaged(self.cache, error)
            there, images, sums = self._nothing()
        missing = numpy.setdiff1d(wanted, there)
        if len(missing):
            cache_files.write(self.cache, lambda file: self._grow(file, (there, images, sums), missing, wanted))
        else:
            self._use(there, images, wanted)

    def _read(self) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
        """Numbers, images (mapped) and sums of the cache; an error of whatever kind where it is none."""
        with self.cache.open("rb") as file:
            header = json.loads(file.readline(1000))
            if header["stamp"] != self.stamp:
                raise _OfAnotherStamp
            count = header["count"]
            size = file.tell() + count * (8 + prod(self.shape[1:]) + 4)
            if not 0 <= count <= len(self) or os.fstat(file.fileno()).st_size != size:
                raise ValueError("its size is not what it says")
            there = numpy.frombuffer(file.read(8 * count), numpy.int64)
            start = file.tell()
            images = self._mapped(file, start, count)
            file.seek(start + images.nbytes)
            sums = numpy.frombuffer(file.read(), numpy.uint32)
        return there, images, sums

    def _grow(
        self, file: IO[bytes], old: tuple[numpy.ndarray, ...], missing: numpy.ndarray, wanted: numpy.ndarray
    ) -> None:
        """Write ``old`` images and the ``missing`` ones, and use those that are ``wanted``."""
        there, images, sums = old
        numbers = numpy.concatenate([there, missing])
        file.write(json.dumps({"stamp": self.stamp, "count": len(numbers)}).encode() + b"\n")
        file.write(numbers.tobytes())
        start = file.tell()
        for image in images:
            file.write(image.data)
        added = []

        def decode(number: int) -> None:
            image = numpy.ascontiguousarray(self.files[number].numpy())
            file.write(image.data)
            added.append(_sum(image, number))

        for_each(decode, missing.tolist(), len(missing), f"decoding {printable(self.root)}")
        file.write(numpy.concatenate([sums, numpy.array(added, numpy.uint32)]).tobytes())
        file.flush()
        self._use(numbers, self._mapped(file, start, len(numbers)), wanted)

    def _use(self, numbers: numpy.ndarray, images: numpy.ndarray, wanted: numpy.ndarray) -> None:
        """Only what was wanted has been compared with its sum."""
        at = numpy.flatnonzero(numpy.isin(numbers, wanted))
        self._row[:] = -1
        self._row[numbers[at]] = at
        self._images = torch.from_numpy(images)

    def _mapped(self, file: IO[bytes], start: int, count: int) -> numpy.ndarray:
        shape = (count, *self.shape[1:])  # copied on write, so that torch may have it as its own
        return numpy.memmap(file, numpy.uint8, "c", start, shape) if count else self._nothing()[1]

    def _nothing(self) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
        images = numpy.empty((0, *self.shape[1:]), numpy.uint8)
        return numpy.empty(0, numpy.int64), images, numpy.empty(0, numpy.uint32)


class _OfAnotherStamp(Exception):
    """The images are those of before something in the folder, or in how they are decoded, has changed."""


def _sum(image: numpy.ndarray, number: int) -> int:
    return zlib.crc32(image.data, number)
