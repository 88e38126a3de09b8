"""Which images of a batch, or of a split, a process computes where several train one run."""

from dataclasses import dataclass
from functools import partial

from jaxtyping import Shaped
from torch import Tensor

from rotelab.data.streaming import Images, Lazy, Streamed


@dataclass(frozen=True)
class Share:
    """Part ``rank`` (0, 1, ...) of ``count`` parts of about the same size, which follow one another."""

    rank: int = 0
    count: int = 1

    def of(self, images: int) -> slice:
        """The places of its images among so many; sizes of two parts differ by one at most."""
        return slice(images * self.rank // self.count, images * (self.rank + 1) // self.count)

    def within(self, whole: slice) -> slice:
        """Its places of those that a ``whole`` batch has."""
        part = self.of(whole.stop - whole.start)
        return slice(whole.start + part.start, whole.start + part.stop)

    def sizes(self, images: int) -> list[int]:
        """Of all parts."""
        parts = [Share(rank, self.count).of(images) for rank in range(self.count)]
        return [part.stop - part.start for part in parts]


ALONE = Share()
"""All of it."""


def part(images: Shaped[Tensor, "whole ..."] | Streamed, places: slice) -> Images:
    """The images at these places of a split: of one on a disk nothing is read for it but its first."""
    if isinstance(images, Tensor):
        return images[places]
    lazy = Lazy(partial(_shifted, images.lazy, places.start), places.stop - places.start)
    return Streamed(lazy, images.ready, images.device, images.workers)


def _shifted(lazy: Lazy, by: int, number: int) -> Tensor:
    return lazy.read(by + number)
