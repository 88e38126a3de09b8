"""From a source to three splits on the training device."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from jaxtyping import Bool, Int64
from lightning import LightningDataModule
from torch import Tensor

from rotelab.data import inputs, labels, splits
from rotelab.data.batches import Batches, Labelled, Passes
from rotelab.data.image_files import ImageFiles
from rotelab.data.parts import Part, Source
from rotelab.data.preprocessing import Preprocessing
from rotelab.data.reader import Moments, Reader
from rotelab.data.streaming import Images, Lazy, Streamed
from rotelab.errors import InputError
from rotelab.randomness import stream

Split = tuple[Images, Int64[Tensor, " image"]]


@dataclass(frozen=True)
class Preparation:
    """What happens to the images and labels of a split; by default nothing."""

    corrupt: inputs.Corrupt = field(default_factory=inputs.Corruption)
    relabel: labels.Relabel = field(default_factory=labels.Corruption)
    preprocess: Preprocessing = field(default_factory=Preprocessing)


class ImageData(LightningDataModule):
    """The splits ``train``, ``pseudo_test`` and ``held_out`` of a source, corrupted once and for good, on ``device``.

    ``split`` names a slice of the source for each of them. ``order`` is the order of a part's images before it is
    sliced: ``by_name`` (the dataset's own) or ``shuffled`` (a permutation drawn from ``order_seed``). ``batch_order``
    is ``fixed`` or ``reshuffled`` (every epoch, from ``seed``), and ``seed`` that of what augmentation draws.

    Where the source's images are files they stay on the disk: a split then holds what behaves like a tensor of them,
    and so many ``workers`` read ahead. The numbers that come out are the same.
    """

    def __init__(
        self,
        load: Callable[[], Source],
        split: Mapping[str, str],
        prepare: Preparation = Preparation(),
        *,
        order: str,
        order_seed: int,
        batch_size: int,
        batch_order: str,
        seed: int,
        device: torch.device | str = "cpu",
        workers: int = 0,
    ) -> None:
        super().__init__()
        if order not in ("shuffled", "by_name"):
            raise ValueError(f"order = {order!r} is neither 'shuffled' nor 'by_name'")
        if batch_order not in ("fixed", "reshuffled"):
            raise ValueError(f"batch_order = {batch_order!r} is neither 'fixed' nor 'reshuffled'")
        splits.check_names(split)
        self.slices = splits.parse(split)
        self.load, self.prepare = load, prepare
        self.order, self.order_seed = order, order_seed
        self.batch_size, self.batch_order, self.seed = batch_size, batch_order, seed
        self.device, self.workers = torch.device(device), workers
        self.splits: dict[str, Split] = {}
        """Images as they are evaluated, and labels as they are trained on."""
        self.changed: dict[str, Bool[Tensor, " image"]] = {}
        """Which labels of a split are not the source's."""
        self.kinds: dict[str, dict[str, Int64[Tensor, " chosen"]]] = {}
        """Of a split with such labels, the numbers of the ``clean`` and of the ``corrupted`` images, as far as any."""
        self.classes: tuple[str, ...] = ()
        self.skipped: tuple[str, ...] = ()
        """Files that were left out since they are no images."""
        self._trained: dict[str, tuple[Images | Lazy, Tensor]] = {}

    def setup(self, stage: str | None = None) -> None:
        """Read, order, slice, corrupt. Raises InputError for a slice beyond the data or of a single class."""
        if self.splits:
            return
        self._source = source = self.load()
        self.classes, self.skipped = source.classes, source.skipped
        sizes = {name: len(part.labels) for name, part in source.parts.items()}
        cuts = {name: piece.of(sizes) for name, piece in self.slices.items()}
        parts = {name: source.parts[piece.part] for name, piece in self.slices.items()}
        orders = {name: self._order(name, part)[cuts[name]] for name, part in parts.items()}
        self.moments = Moments(parts["train"].images, orders["train"], self.workers)
        for name, part in parts.items():
            self._set_up(name, part, orders[name])

    def beyond(self, name: str, images: int) -> Split | None:
        """So many of the ``images`` that follow a split in its part, corrupted like it; fewer, or None, where it ends.

        They may belong to another split as well.
        """
        piece = self.slices[name]
        part = self._source.parts[piece.part]
        if piece.stop is None or piece.stop >= len(part.labels):
            return None
        order = self._order(name, part)[piece.stop : piece.stop + images]
        found = self.prepare.relabel(part.labels[order], len(self.classes), name, "beyond")
        return self._evaluated(self._read(name, part, order)), found.to(self.device)

    def _order(self, name: str, part: Part) -> Int64[Tensor, " image"]:
        """The numbers of the images of a split's part, in the order in which it is sliced."""
        if self.order == "by_name":
            return torch.arange(len(part.labels))
        return torch.randperm(len(part.labels), generator=stream("order", self.order_seed, self.slices[name].part))

    def _set_up(self, name: str, part: Part, order: Tensor) -> None:
        original = part.labels[order]
        if len(original.unique()) < 2:
            only = self.classes[int(original[0])]
            raise InputError(f"data.split.{name}: {self.slices[name]} holds images of a single class, {only!r}")
        found = self.prepare.relabel(original, len(self.classes), name)
        changed = found != original
        self.changed[name] = changed.to(self.device)
        numbers = {"clean": (~changed).nonzero().flatten(), "corrupted": changed.nonzero().flatten()}
        self.kinds[name] = {
            kind: which.to(self.device) for kind, which in numbers.items() if changed.any() and len(which)
        }
        images = self._read(name, part, order)
        self.splits[name] = self._evaluated(images), found.to(self.device)
        if isinstance(images, Lazy):
            self._trained[name] = images, found
        elif self.prepare.preprocess.augment:
            self._trained[name] = images, found.to(self.device)
        else:
            self._trained[name] = self.splits[name]

    def _read(self, name: str, part: Part, order: Tensor) -> Tensor | Lazy:
        """The images of a split before they are preprocessed: in memory, on the device, or to be read."""
        crop = self.prepare.preprocess.before_corruption
        read = Reader(part.images, order, name, self.slices[name].part, crop, self.prepare.corrupt, self.moments)
        images = Lazy(read, len(order))
        return images if isinstance(part.images, ImageFiles) else images[:].to(self.device)

    def _evaluated(self, images: Tensor | Lazy) -> Images:
        if isinstance(images, Lazy):
            return Streamed(images, self._as_evaluated, self.device, self.workers)
        return self._as_evaluated(images)

    def _as_evaluated(self, images: Tensor) -> Tensor:
        return self._on_device(self.prepare.preprocess.evaluated(images.to(self.device)))

    def _on_device(self, images: Tensor) -> Tensor:
        # channels last: 1.3 to 3 times faster convolutions on CPU, and what the tensor cores want
        return images.to(self.device, memory_format=torch.channels_last)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(channels, height, width)"""
        return tuple(self.splits["train"][0].shape[1:])

    @property
    def ready(self) -> bool:
        """Whether a batch is a slice of the splits: nothing has to be read or augmented for it."""
        return all(self._trained[name] is split for name, split in self.splits.items())

    def batches(self, epoch: Callable[[], int], both: Callable[[], bool] = lambda: True) -> Batches:
        """The batches of the epoch (0, 1, ...) that ``epoch`` says it is when they are asked for."""

        def passes(name: str) -> Passes:
            reshuffled = self.batch_order == "reshuffled"
            return Passes(self._trained[name], self.batch_size, ("batches", self.seed, name) if reshuffled else None)

        train, pseudo_test = passes("train"), passes("pseudo_test")
        if self.ready:
            return Batches(train, pseudo_test, epoch)
        workers = self.workers if isinstance(train.images, Lazy) else 0
        return Batches(train, pseudo_test, epoch, self._as_trained, workers, both)

    def _as_trained(self, batch: Labelled, split: str, t: int) -> tuple[Tensor, Tensor]:  # a crop is smaller
        images, labels = batch
        random = stream("augmentation", self.seed, split, t)
        images = self.prepare.preprocess.trained(images.to(self.device), random)
        return self._on_device(images), labels.to(self.device)

    def train_dataloader(self) -> Batches:
        trainer = self.trainer
        return self.batches(lambda: trainer.current_epoch, lambda: trainer.lightning_module.sign != 0)

    def transfer_batch_to_device(self, batch: object, device: torch.device, dataloader_idx: int) -> object:
        return batch  # it is there already, and walking through it costs more than a small network's step
