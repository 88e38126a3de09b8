"""What a source gives: parts of labelled images, such as ``train`` and ``test``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from jaxtyping import Int64, UInt8
from torch import Tensor


@runtime_checkable
class Images(Protocol):
    """Grey levels 0 to 255, (image, channel, height, width): a tensor, or what reads one of them when it is asked."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> UInt8[Tensor, "channel height width"]: ...


def _nothing(*_: object) -> None:
    pass


@dataclass(frozen=True)
class Part:
    """Images of one part of a source, grey levels 0 to 255, in memory or on a disk, and labels, 0 to classes - 1.

    ``keep(numbers)`` is called with those that are going to be used, before they are. ``streamed``: they stay on the
    disk, and are read whenever they are asked for. ``name(i)`` says which image it is, within the source; ``size(i)``
    is its height and width before it was resized.
    """

    images: Images
    labels: Int64[Tensor, " image"]
    keep: Callable[[Int64[Tensor, " chosen"]], object] = _nothing
    streamed: bool = False
    name: Callable[[int], str] = str
    size: Callable[[int], tuple[int, int]] | None = None


@dataclass(frozen=True)
class Source:
    """``skipped`` are the files that were left out since they can't be decoded; ``said`` is what else was found there.

    ``check()`` raises RunError where the source is no longer what it was when it was made, and ``complete()``
    InputError where a part lacks a class.
    """

    parts: Mapping[str, Part]
    classes: tuple[str, ...]
    skipped: tuple[str, ...] = ()
    check: Callable[[], object] = _nothing
    complete: Callable[[], object] = _nothing
    said: tuple[str, ...] = ()
