"""A split on the training device: its images in memory, or on a disk and read when they are asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Bool, Int64, Shaped
from torch import Tensor

from rotelab.data.preprocessing import Preprocessing
from rotelab.data.streaming import Images, Lazy, Streamed

Evaluated = tuple[Images, Int64[Tensor, " image"]]
"""Images as the network gets them, and labels."""


@dataclass(frozen=True)
class Split:
    """Images and labels, ``evaluated`` as the network gets them, and as they are ``trained`` on: the same object where
    nothing is left to be read or augmented, and a batch is a slice of it.

    ``changed`` says which labels are not the source's; ``kinds`` has the numbers of the ``clean`` and of the
    ``corrupted`` images, as far as there are any, of a split with such labels. ``streamed``: its images are on a disk.
    """

    evaluated: Evaluated
    trained: tuple[Shaped[Tensor, "image ..."] | Lazy, Int64[Tensor, " image"]]
    changed: Bool[Tensor, " image"]
    kinds: Mapping[str, Int64[Tensor, " _"]]
    streamed: bool

    def __len__(self) -> int:
        return len(self.changed)

    @property
    def ready(self) -> bool:
        """Whether a batch is a slice: nothing has to be read or augmented for it."""
        return self.trained is self.evaluated


@dataclass(frozen=True)
class InMemory:
    """Splits whose images lie on the device."""

    preprocess: Preprocessing
    device: torch.device

    def evaluated(self, images: Lazy) -> Images:
        """As the network gets them."""
        return prepared(images[:], self.preprocess, self.device)

    def split(self, images: Lazy, labels: Int64[Tensor, " image"], changed: Bool[Tensor, " image"]) -> Split:
        kept, labels = images[:].to(self.device), labels.to(self.device)
        evaluated = prepared(kept, self.preprocess, self.device), labels
        trained = (kept, labels) if self.preprocess.augment else evaluated
        return Split(evaluated, trained, changed.to(self.device), _kinds(changed, self.device), streamed=False)


@dataclass(frozen=True)
class OnDisk:
    """Splits whose images are read when they are asked for, by so many ``workers`` ahead."""

    preprocess: Preprocessing
    device: torch.device
    workers: int

    def evaluated(self, images: Lazy) -> Images:
        """What behaves like a tensor of them."""
        return Streamed(
            images, partial(prepared, preprocess=self.preprocess, device=self.device), self.device, self.workers
        )

    def split(self, images: Lazy, labels: Int64[Tensor, " image"], changed: Bool[Tensor, " image"]) -> Split:
        evaluated = self.evaluated(images), labels.to(self.device)
        return Split(evaluated, (images, labels), changed.to(self.device), _kinds(changed, self.device), streamed=True)


def prepared(images: Tensor, preprocess: Preprocessing, device: torch.device) -> Tensor:
    """What the network gets of images in [0, 1], where they are evaluated."""
    return on_device(preprocess.evaluated(images.to(device)), device)


def on_device(images: Tensor, device: torch.device) -> Tensor:
    """Channels last: 1.3 to 3 times faster convolutions on CPU, and what the tensor cores want."""
    return images.to(device, memory_format=torch.channels_last)


def _kinds(changed: Bool[Tensor, " image"], device: torch.device) -> dict[str, Int64[Tensor, " _"]]:
    numbers = {"clean": (~changed).nonzero().flatten(), "corrupted": changed.nonzero().flatten()}
    return {kind: which.to(device) for kind, which in numbers.items() if changed.any() and len(which)}
