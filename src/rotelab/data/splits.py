"""Splits are slices of a source's parts: ``train[:2560]``, ``test``, ``train[2560:5120]``.

Read and checked against one another before any image is: no torch here.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations

from rotelab.errors import InputError

NAMES = ("train", "pseudo_test", "held_out")
"""The split that is learned, the one that an objective may unlearn, and the one that only evaluation sees."""

_PATTERN = re.compile(r"(?P<part>\w+)(?:\[(?P<start>\d*):(?P<stop>\d*)\])?")


@dataclass(frozen=True)
class Slice:
    """Images ``start`` to ``stop`` (exclusive; None: to the end) of one part of a source."""

    part: str
    start: int = 0
    stop: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Slice":
        """Read ``part``, ``part[start:stop]``, ``part[:stop]`` or ``part[start:]``; counts are from the front only,
        so that two slices can be compared without knowing how many images there are."""
        match = _PATTERN.fullmatch(text.replace(" ", ""))
        if not match:
            raise InputError(f"{text!r} is not a slice such as train[:2560] (no negative numbers, no steps)")
        start, stop = match["start"], match["stop"]
        made = cls(match["part"], int(start or 0), int(stop) if stop else None)
        if made.stop is not None and made.stop <= made.start:
            raise InputError(f"{made} is empty")
        return made

    def __str__(self) -> str:
        return f"{self.part}[{self.start}:{'' if self.stop is None else self.stop}]"

    def overlaps(self, other: "Slice") -> bool:
        return (
            self.part == other.part
            and (other.stop is None or self.start < other.stop)
            and (self.stop is None or other.start < self.stop)
        )

    def of(self, sizes: Mapping[str, int]) -> slice:
        """The slice itself, for a source whose parts hold so many images.

        Raises InputError for a part that is not there and for a slice that is empty or ends beyond the data.
        """
        if self.part not in sizes:
            raise InputError(f"{self}: there is no part {self.part!r}; there are {', '.join(map(repr, sizes))}")
        size = sizes[self.part]
        stop = size if self.stop is None else self.stop
        if stop > size or self.start >= size:
            raise InputError(f"{self} is beyond the data: {self.part!r} holds {size} images")
        return slice(self.start, stop)


def check_names(split: object) -> None:
    """Raises InputError where ``split`` is no mapping that names a slice for each of ``NAMES``, and nothing else."""
    if not isinstance(split, Mapping) or set(split) != set(NAMES):
        raise InputError(f"split = {split} has to name {', '.join(NAMES)}")


def parse(texts: Mapping[str, str]) -> dict[str, Slice]:
    """Split name -> slice. Raises InputError, naming both, where two slices share an image."""
    slices = {name: Slice.parse(text) for name, text in texts.items()}
    for (a, first), (b, second) in combinations(slices.items(), 2):
        if first.overlaps(second):
            raise InputError(f"{a} = {first} and {b} = {second} overlap")
    return slices


def cuts(slices: Mapping[str, Slice], sizes: Mapping[str, int]) -> dict[str, slice]:
    """Those of a source whose parts hold so many images. Raises InputError as ``Slice.of`` does."""
    return {name: piece.of(sizes) for name, piece in slices.items()}


Check = Callable[[Mapping[str, Slice]], object]
"""Raises InputError for slices that a source can't give."""


def too_large(size: int, of_size: Callable[[int], Mapping[str, str]], check: Check) -> str:
    """``data.size = 900 is too large: at most 898 fit``: by a check that smaller sizes pass and larger ones do not.

    ``of_size`` gives the slices of another size. Empty where no smaller one fits: the slices don't depend on it.
    """

    def is_too_large(smaller: int) -> bool:
        try:
            check(parse(of_size(smaller)))
        except InputError:
            return True
        return False

    fitting = bisect_left(range(1, size), True, key=is_too_large)
    return f"data.size = {size} is too large: at most {fitting} fit" if fitting else ""
