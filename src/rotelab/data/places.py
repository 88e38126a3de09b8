"""Where encoded images lie: in files of their own, in a tar archive, in the rows of a table. No torch here."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Protocol, final, runtime_checkable

import numpy


@runtime_checkable
class Place(Protocol):
    """One encoded image; a ``Path`` is such a place. ``str`` of it names it in a sentence; it can be pickled."""

    @property
    def suffix(self) -> str:
        """``.jpg``, as far as it is known."""
        ...

    def read_bytes(self) -> bytes:
        """Raises OSError where that is impossible."""
        ...


@runtime_checkable
class Places(Protocol):
    """The images of a part, in order, at little cost for each."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Place: ...

    def name(self, index: int) -> str:
        """Which image it is, within the source: what it is remembered by."""
        ...


@final
class Paths:
    """Files below ``root``. It can be pickled, and costs its processes nothing but the characters of the paths."""

    def __init__(self, root: Path, paths: Sequence[str]) -> None:
        self.root = root
        # One piece of text and where each path ends in it. A list of str would be copied in every forked worker, page
        # by page: to look at a str writes its reference count, which lies beside it.
        encoded = [os.fsencode(path) for path in paths]
        self._text = b"".join(encoded)
        self._ends = numpy.fromiter(accumulate(map(len, encoded)), numpy.int64, len(encoded))

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, index: int) -> Path:
        return self.root / self.name(index)

    def name(self, index: int) -> str:
        if not -len(self) <= index < len(self):
            raise IndexError(f"image {index} of {len(self)}")
        index %= len(self)
        return os.fsdecode(self._text[self._ends[index - 1] if index else 0 : self._ends[index]])


@final
@dataclass(frozen=True)
class Chosen:
    """Some of the images of a part, by their numbers."""

    places: Places
    numbers: numpy.ndarray

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: int) -> Place:
        return self.places[int(self.numbers[index])]

    def name(self, index: int) -> str:
        return self.places.name(int(self.numbers[index]))
