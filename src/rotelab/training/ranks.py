"""What processes that train one run tell one another."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import torch
from jaxtyping import Float
from torch import Tensor, distributed

from rotelab.data.share import ALONE, Share

T = TypeVar("T")


@dataclass(frozen=True)
class Ranks:
    """The processes that train one run, each on a device of its own, and which of them this is: the share that it has
    of every batch. Where it is the only one, nothing is told, and nothing changes.

    All of them have to call the same methods in the same order.
    """

    share: Share = ALONE

    @property
    def several(self) -> bool:
        return self.share.count > 1

    @property
    def first(self) -> bool:
        """Whether this one decides, writes files, prints and logs."""
        return self.share.rank == 0

    def agreed(self, value: T) -> T:
        """What the first of them has."""
        if not self.several:
            return value
        held = [value]
        distributed.broadcast_object_list(held, src=0, device=torch.device("cpu"))
        return held[0]

    def means(self, values: Sequence[Float[Tensor, ""]]) -> Sequence[Float[Tensor, ""]]:
        """Of each of the values the mean over the ranks."""
        if not self.several or not values:
            return values
        total = torch.stack([*values])
        distributed.all_reduce(total)
        return [*(total / self.share.count)]

    def gathered(self, rows: Float[Tensor, "row column"], images: int) -> Float[Tensor, "image column"] | None:
        """The rows of all shares of so many images, in their order, on the first of them; None on the others."""
        if not self.several:
            return rows
        sizes = self.share.sizes(images)
        padded = rows.new_zeros(max(sizes), rows.shape[1])  # all have to send as many
        padded[: len(rows)] = rows
        found = [torch.empty_like(padded) for _ in sizes] if self.first else None
        distributed.gather(padded, found, dst=0)
        return torch.cat([rows[:size] for rows, size in zip(found, sizes, strict=True)]) if found else None

    @contextmanager
    def one_after_another(self) -> Generator[None, None, None]:
        """The first of them goes through the block first, and the others find what it has left on the disk."""
        if not self.first:
            self.agreed(None)
        yield
        if self.first:
            self.agreed(None)


ONE = Ranks()
"""A process by itself."""
