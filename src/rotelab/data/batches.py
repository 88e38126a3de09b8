"""Batches are slices of tensors that already lie on the training device: no workers, no copies, no transforms.

Images that are on a disk, or augmented, take the same path: what a batch holds is decided here, for both.
"""

from collections.abc import Callable, Iterator

import torch
from jaxtyping import Int64, Shaped
from torch import Tensor

from rotelab.data.share import ALONE, Share
from rotelab.data.streaming import Images, Lazy, ahead
from rotelab.randomness import stream

Labelled = tuple[Shaped[Tensor, "image ..."], Int64[Tensor, " image"]]
Pair = tuple[Labelled, tuple[Shaped[Tensor, "other ..."], Int64[Tensor, " other"]]]


def whole(t: int, images: int, batch_size: int) -> slice:
    """The places of batch ``t`` (0, 1, 2, ...) in a pass over so many images, which begins anew where it ends."""
    start = t % -(-images // batch_size) * batch_size
    return slice(start, min(start + batch_size, images))


class Passes:
    """One split, cut into batches of ``batch_size`` over and over, of each of which there is a ``share``.

    Batch ``t`` (0, 1, 2, ...) belongs to pass ``t // len(self)`` over the split. Every pass goes through all images
    once: in order with ``seed=None`` (the paper's way), else in an order that is a pure function of seed and pass.
    The last batch of a pass is smaller where the sizes don't divide; a batch larger than the split is the split.
    """

    def __init__(
        self,
        split: tuple[Images | Lazy, Int64[Tensor, " image"]],
        batch_size: int,
        seed: tuple[int | str, ...] | None,
        share: Share = ALONE,
    ) -> None:
        self.images, self.labels = split
        self.batch_size, self.seed, self.share = batch_size, seed, share
        self._order: tuple[int, Tensor] | None = None

    def __len__(self) -> int:
        return -(-len(self.labels) // self.batch_size)

    def batch(self, t: int) -> Labelled:
        done = t // len(self)
        within = self.share.within(whole(t, len(self.labels), self.batch_size))
        if self.seed is None:
            return self.images[within], self.labels[within]
        if self._order is None or self._order[0] != done:
            order = torch.randperm(len(self.labels), generator=stream(*self.seed, done))
            self._order = done, order.to(self.labels.device, non_blocking=True)
        chosen = self._order[1][within]
        return self.images[chosen], self.labels[chosen]


def as_it_is(batch: Labelled, split: str, t: int) -> Labelled:
    return batch


class Batches:
    """The batches of an epoch, as pairs (train, pseudo-test). An epoch is one pass over the train split.

    Step ``t`` pairs batch ``t`` of both splits, as the paper does. Where the pseudo-test split has more or fewer
    batches, it goes on from where the last epoch left it, so that all of it takes part.

    ``ready(batch, split, t)`` makes a batch into what the network gets, on the device. So many ``workers`` read ahead
    (0: no other process does). Where ``both()`` says that the pseudo-test batch is not needed, it is neither read nor
    made ready, and the train batch stands in its place.
    """

    def __init__(
        self,
        train: Passes,
        pseudo_test: Passes,
        epoch: Callable[[], int],
        ready: Callable[[Labelled, str, int], Labelled] = as_it_is,
        workers: int = 0,
        both: Callable[[], bool] = lambda: True,
    ) -> None:
        self.train, self.pseudo_test, self.epoch = train, pseudo_test, epoch
        self.ready, self.workers, self.both = ready, workers, both

    def __len__(self) -> int:
        return len(self.train)

    def __iter__(self) -> Iterator[Pair]:
        start = self.epoch() * len(self)
        steps = range(start, start + len(self))
        if self.both():
            for t, pair in zip(steps, ahead(self._read, steps, self.workers), strict=True):
                yield self._ready(pair, t)
        else:
            for t, batch in zip(steps, ahead(self.train.batch, steps, self.workers), strict=True):
                train = self.ready(batch, "train", t)
                yield train, train

    def pair(self, t: int) -> Pair:
        """The pair of step ``t`` (0, 1, 2, ...) of the whole training."""
        return self._ready(self._read(t), t)

    def _read(self, t: int) -> Pair:
        return self.train.batch(t), self.pseudo_test.batch(t)

    def _ready(self, pair: Pair, t: int) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
        train, pseudo_test = pair
        return self.ready(train, "train", t), self.ready(pseudo_test, "pseudo_test", t)
