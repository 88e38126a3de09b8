"""Images as points: a few of the digits, or of an image folder, in float64 and at random by a seed."""

from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import Float64, Int64
from torch import Tensor

from rotelab import randomness
from rotelab.data import sources
from rotelab.errors import InputError


class Images(NamedTuple):
    """Train and test images, flattened, from 0 to 1; labels 0 to classes - 1; the shape of one image; their name."""

    train: Float64[Tensor, "point dimension"]
    train_labels: Int64[Tensor, " point"]
    test: Float64[Tensor, "query dimension"]
    test_labels: Int64[Tensor, " query"]
    shape: tuple[int, int, int]
    name: str

    def stacked(self, part: str) -> Float64[Tensor, "image channel height width"]:
        """The ``train`` or ``test`` images in their own shape, for convolutions."""
        return {"train": self.train, "test": self.test}[part].unflatten(1, self.shape)


def load(seed: int, folder: str | None, side: int | None, train: int | None, test: int | None) -> Images:
    """At most ``train`` and ``test`` images (None: all), drawn by ``seed``: the digits, or ``folder``'s.

    The digits are shuffled and then split, 1,200 to 597; a folder has a train and a test part of its own, each
    shuffled. ``side`` in pixels, None for the images' own. Raises InputError where the folder lacks a part.
    """
    generator = randomness.stream("exact", "images", seed)
    if folder is None:
        (every,) = sources.digits(side).parts.values()
        order = torch.randperm(len(every.labels), generator=generator)
        first, second = _drawn(every, order[:1200][:train]), _drawn(every, order[1200:][:test])
        return Images(*first, *second, _shape(every), "digits")
    parts = _folder(folder, side).parts
    if missing := {"train", "test"} - set(parts):
        raise InputError(
            f"{folder} has no {' and no '.join(sorted(missing))}: expected train/<class>/*, test/<class>/*"
        )
    orders = [torch.randperm(len(parts[name].labels), generator=generator) for name in ("train", "test")]
    first, second = _drawn(parts["train"], orders[0][:train]), _drawn(parts["test"], orders[1][:test])
    return Images(*first, *second, _shape(parts["train"]), Path(folder).expanduser().resolve().name)


def _shape(part: sources.Part) -> tuple[int, int, int]:
    """(channels, height, width)"""
    _, channels, height, width = part.images.shape
    return channels, height, width


def _drawn(part: sources.Part, order: Tensor) -> tuple[Tensor, Tensor]:
    """Only what is drawn is read and becomes float64: all of a large set would not fit into memory."""
    images = torch.stack([part.images[index] for index in order.tolist()])
    return images.flatten(1).double() / 255, part.labels[order].clone()


def _folder(folder: str, side: int | None) -> sources.Source:
    """As files: only those that are drawn are read, and nothing is kept."""
    return sources.image_folder(side, folder, cache="", storage="stream", on_bad_image="error")
