"""From a source to three splits on the training device."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import combinations
from math import prod

import torch
from jaxtyping import Int64
from torch import Tensor

from rotelab.data import inputs, labels, memory, splits
from rotelab.data.batched import Batched
from rotelab.data.batches import Labelled
from rotelab.data.dividing import divided
from rotelab.data.pairs import WAYS, balanced
from rotelab.data.parts import Part, Source
from rotelab.data.preprocessing import Preprocessing
from rotelab.data.reader import Moments, Reader
from rotelab.data.split import Evaluated, InMemory, OnDisk, Split, on_device
from rotelab.data.splits import Slice
from rotelab.data.streaming import Images, Lazy
from rotelab.data.whitening import AT_ONCE, zca
from rotelab.errors import InputError
from rotelab.randomness import stream


@dataclass(frozen=True)
class Preparation:
    """What happens to the images and labels of a split; by default nothing."""

    corrupt: inputs.Corrupt = field(default_factory=inputs.Corruption)
    relabel: labels.Relabel = field(default_factory=labels.Corruption)
    preprocess: Preprocessing = field(default_factory=Preprocessing)


class ImageData(Batched):
    """The splits ``train``, ``pseudo_test`` and ``held_out`` of a source, corrupted once and for good, on ``device``.

    ``split`` names a slice of the source for each of them. ``order`` is the order of a part's images before it is
    sliced: ``by_name`` (the dataset's own) or ``shuffled`` (a permutation drawn from ``order_seed``). ``seed`` is that
    of what augmentation draws, too.

    With ``pairs = balanced`` the pseudo-test split has as many images as the train split, and its image i the class of
    train image i: the first ones of each class from where its slice begins, beyond its end where need be. What the
    held-out slice has of them it loses.

    With ``whiten`` all images are whitened, by what the train and the pseudo-test split are, with that floor: see
    ``zca``. Nothing of the held-out split enters.

    A train and a test part that a source of one part lacks are drawn from it by ``order_seed``: see ``divided``. Where
    the source's images are files they stay on the disk: a split then holds what behaves like a tensor of them, and so
    many ``workers`` read ahead. The numbers that come out are the same. ``too_large(check)`` says which data.size the
    source is large enough for, where it is too small for the slices.
    """

    def __init__(
        self,
        load: Callable[[], Source],
        split: Mapping[str, str],
        prepare: Preparation = Preparation(),
        *,
        order: str,
        order_seed: int,
        pairs: str = "as_ordered",
        whiten: float | None = None,
        batch_size: int,
        batch_order: str,
        seed: int,
        device: torch.device | str = "cpu",
        workers: int = 0,
        too_large: Callable[[splits.Check], str] = lambda check: "",
    ) -> None:
        super().__init__(batch_size, batch_order, seed, device, workers)
        if order not in ("shuffled", "by_name"):
            raise ValueError(f"order = {order!r} is neither 'shuffled' nor 'by_name'")
        if pairs not in WAYS:
            raise ValueError(f"pairs = {pairs!r} is none of {', '.join(WAYS)}")
        splits.check_names(split)
        self.paired = pairs == "balanced"
        self.slices = splits.parse(split)
        self.load, self.prepare, self.too_large = load, prepare, too_large
        self.preprocess, self.whiten = prepare.preprocess, whiten
        self.order, self.order_seed = order, order_seed

    def setup(self, stage: str | None = None) -> None:
        """Read, order, slice, pair, corrupt. Raises InputError for a slice beyond the data or of a single class, or
        where a class is too small for pairs; RunError where memory is too small or images changed meanwhile."""
        if self.splits:
            return
        source = self.load()
        source.complete()
        wanted = {piece.part for piece in self.slices.values()}
        parts = divided(source.parts, wanted, self.order_seed, source.classes)
        self._source = source = replace(source, parts=parts)
        self.classes, self.skipped = source.classes, source.skipped
        orders = self._orders(source)
        parts = {name: source.parts[piece.part] for name, piece in self.slices.items()}
        for name, part in parts.items():
            self._check_classes(name, part.labels[orders[name]])
        memory.check(self._needed(parts, orders), "the images of the splits")
        for used in dict.fromkeys(piece.part for piece in self.slices.values()):
            chosen = [orders[name] for name, piece in self.slices.items() if piece.part == used]
            source.parts[used].keep(torch.cat(chosen))
        train = parts["train"]
        self.moments = Moments(train.images, orders["train"], self.workers if train.streamed else 0)
        if self.whiten is not None:
            self._find_whitening(parts, orders, self.whiten)
        self.splits = {name: self._split(name, part, orders[name]) for name, part in parts.items()}
        if self.paired and self.splits["pseudo_test"].evaluated[1].ne(self.splits["train"].evaluated[1]).any():
            raise InputError("data.pairs=balanced needs the pseudo-test split's labels as they are")
        source.check()

    @property
    def augmented(self) -> bool:
        return self.preprocess.augment is not None

    def teardown(self, stage: str) -> None:
        """Images that stayed on the disk have been read until now."""
        if any(split.streamed for split in self.splits.values()):
            self._source.check()

    def beyond(self, name: str, images: int) -> Evaluated | None:
        """So many of the ``images`` that follow a split in its part, corrupted like it; fewer, or None, where it ends.

        They may belong to another split as well.
        """
        piece = self.slices[name]
        part = self._source.parts[piece.part]
        if piece.stop is None or piece.stop >= len(part.labels) or (self.paired and name == "pseudo_test"):
            return None
        order = self._order(piece.part, part)[piece.stop : piece.stop + images]
        found = self.prepare.relabel(part.labels[order], len(self.classes), name, "beyond")
        part.keep(order)
        self._source.check()
        return self._storage(part).evaluated(self._read(name, part, order)), found.to(self.device)

    def shifted(self, name: str, then: inputs.Corrupt) -> Images:
        part = self._source.parts[self.slices[name].part]
        both = inputs.Chain(self.prepare.corrupt, then)
        return self._storage(part).evaluated(self._read(name, part, self._orders(self._source)[name], both))

    def _orders(self, source: Source) -> dict[str, Int64[Tensor, " _"]]:
        """The numbers of each split's images in its part."""
        try:
            return self._chosen(source, self.slices)
        except InputError as error:
            advice = self.too_large(partial(self._chosen, source))
            raise InputError(f"{advice} ({error})" if advice else str(error)) from error

    def _chosen(self, source: Source, slices: Mapping[str, Slice]) -> dict[str, Int64[Tensor, " _"]]:
        used = sorted({piece.part for piece in slices.values()} & source.parts.keys())
        for one, other in combinations(used, 2):
            if source.parts[one] is source.parts[other]:
                raise InputError(f"data.split: {one} and {other} are the same images, by two names")
        cuts = splits.cuts(slices, {name: len(part.labels) for name, part in source.parts.items()})
        whole = {name: self._order(piece.part, source.parts[piece.part]) for name, piece in slices.items()}
        found = {name: whole[name][cuts[name]] for name in slices}
        if self.paired:
            where, part = slices["pseudo_test"].part, source.parts[slices["pseudo_test"].part]
            pool = whole["pseudo_test"][cuts["pseudo_test"].start :]
            if slices["train"].part == where:
                pool = pool[~torch.isin(pool, found["train"])]
            labels = source.parts[slices["train"].part].labels[found["train"]]
            wanted = self.prepare.relabel(labels, len(source.classes), "train")
            found["pseudo_test"] = pool[balanced(wanted, part.labels[pool], source.classes)]
            if slices["held_out"].part == where:
                found["held_out"] = found["held_out"][~torch.isin(found["held_out"], found["pseudo_test"])]
            if not len(found["held_out"]):
                raise InputError("pairs of one class leave no image to hold out")
        return found

    def _order(self, name: str, part: Part) -> Int64[Tensor, " image"]:
        """The numbers of the images of a part, of this name, in the order in which it is sliced."""
        if self.order == "by_name":
            return torch.arange(len(part.labels))
        return torch.randperm(len(part.labels), generator=stream("order", self.order_seed, name))

    def _check_classes(self, name: str, found: Tensor) -> None:
        if len(found.unique()) < 2:
            only = self.classes[int(found[0])]
            raise InputError(f"data.split.{name}: {self.slices[name]} holds images of a single class, {only!r}")

    def _needed(self, parts: Mapping[str, Part], orders: Mapping[str, Tensor]) -> int:
        """Bytes that images take at least, as float32: a batch of what stays on a disk; all of the others, or, for a
        device with a memory of its own, one split at a time."""
        crop = None if self.preprocess.crops_at_random else self.preprocess.crop
        read, kept = 0, [0]
        for name, part in parts.items():
            channels, *sides = part.images.shape[1:]
            size = 4 * channels * prod(min(side, crop or side) for side in sides)
            if not part.streamed:
                kept.append(size * len(orders[name]))
            elif name != "held_out":
                read += size * min(self.batch_size, len(orders[name]))
        return read + (sum(kept) if self.device.type == "cpu" else max(kept))

    def _find_whitening(self, parts: Mapping[str, Part], orders: Mapping[str, Tensor], floor: float) -> None:
        """Of the images as they are evaluated."""
        halves = ("train", "pseudo_test")
        found = (self._storage(parts[name]).evaluated(self._read(name, parts[name], orders[name])) for name in halves)
        self.whitening = zca((block for images in found for block in images.split(AT_ONCE)), floor)
        self.preprocess = replace(self.preprocess, whitening=self.whitening)

    def _split(self, name: str, part: Part, order: Tensor) -> Split:
        original = part.labels[order]
        found = self.prepare.relabel(original, len(self.classes), name)
        return self._storage(part).split(self._read(name, part, order), found, found != original)

    def _storage(self, part: Part) -> InMemory | OnDisk:
        if part.streamed:
            return OnDisk(self.preprocess, self.device, self.workers)
        return InMemory(self.preprocess, self.device)

    def _read(self, name: str, part: Part, order: Tensor, corrupt: inputs.Corrupt | None = None) -> Lazy:
        """The images of a split before they are preprocessed."""
        crop, corrupt = self.preprocess.before_corruption, corrupt or self.prepare.corrupt
        read = Reader(part.images, order, name, self.slices[name].part, crop, corrupt, self.moments)
        return Lazy(read, len(order))

    def _ready(self, batch: Labelled, split: str, t: int) -> tuple[Tensor, Tensor]:  # a crop is smaller
        images, labels = batch
        random = stream("augmentation", self.seed, split, t)
        images = self.preprocess.trained(images.to(self.device), random)
        return on_device(images, self.device), labels.to(self.device)
