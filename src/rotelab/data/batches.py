"""Batches are slices of tensors that already lie on the training device: no workers, no copies, no transforms."""

from collections.abc import Callable, Iterator

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from rotelab.randomness import stream

Labelled = tuple[Float[Tensor, "image channel height width"], Int64[Tensor, " image"]]
Pair = tuple[Labelled, tuple[Float[Tensor, "other channel height width"], Int64[Tensor, " other"]]]


class Passes:
    """One split, cut into batches of ``batch_size`` over and over.

    Batch ``t`` (0, 1, 2, ...) belongs to pass ``t // len(self)`` over the split. Every pass goes through all images
    once: in order with ``seed=None`` (the paper's way), else in an order that is a pure function of seed and pass.
    The last batch of a pass is smaller where the sizes don't divide; a batch larger than the split is the split.
    """

    def __init__(self, split: Labelled, batch_size: int, seed: tuple[int | str, ...] | None) -> None:
        self.images, self.labels = split
        self.batch_size, self.seed = batch_size, seed
        self._order: tuple[int, Tensor] | None = None

    def __len__(self) -> int:
        return -(-len(self.labels) // self.batch_size)

    def batch(self, t: int) -> Labelled:
        done, index = divmod(t, len(self))
        within = slice(index * self.batch_size, (index + 1) * self.batch_size)
        if self.seed is None:
            return self.images[within], self.labels[within]
        if self._order is None or self._order[0] != done:
            order = torch.randperm(len(self.labels), generator=stream(*self.seed, done))
            self._order = done, order.to(self.labels.device)
        chosen = self._order[1][within]
        return self.images[chosen], self.labels[chosen]


class Batches:
    """The batches of an epoch, as pairs (train, pseudo-test). An epoch is one pass over the train split.

    Step ``t`` pairs batch ``t`` of both splits, as the paper does. Where the pseudo-test split has more or fewer
    batches, it goes on from where the last epoch left it, so that all of it takes part.
    """

    def __init__(self, train: Passes, pseudo_test: Passes, epoch: Callable[[], int]) -> None:
        self.train, self.pseudo_test, self.epoch = train, pseudo_test, epoch

    def __len__(self) -> int:
        return len(self.train)

    def __iter__(self) -> Iterator[tuple[Labelled, Labelled]]:
        start = self.epoch() * len(self)
        for t in range(start, start + len(self)):
            yield self.train.batch(t), self.pseudo_test.batch(t)
