"""Encoded images with labels, of whatever layout, as a source: decoded once and kept in memory, or over and over."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import numpy
import torch
from PIL import Image

from rotelab.data import bad_images, cache_files, layouts, listing, memory, part_names
from rotelab.data.cached_files import CachedFiles
from rotelab.data.image_files import ImageFiles
from rotelab.data.parts import Part, Source
from rotelab.data.places import Chosen, Places
from rotelab.errors import InputError, check_one_of, printable
from rotelab.plurals import plural

DECODING = 3
"""Changes when the same file is decoded to other pixels than before, so that no cache of before is used."""
TEST_SHARE = 0.2
"""Of each class, where a test part is drawn."""


@dataclass(frozen=True)
class Encoded:
    """What a ``layout`` (``image_folder``, ``csv``, ...) holds at ``root``, before an image is opened.

    ``labels`` are numbers of ``classes``. ``stamp``: what changes with any image. ``said``: what else was found.
    """

    layout: str
    root: Path
    places: Mapping[str, Places]
    labels: Mapping[str, Sequence[int]]
    classes: tuple[str, ...]
    stamp: str
    unchanged: Callable[[], object]
    said: Sequence[str] = ()

    def where(self, part: str, number: int | None = None) -> str:
        """A part, or a class of it, for a sentence."""
        names = [] if part == part_names.WHOLE else [part]
        return printable(self.root.joinpath(*names, *([] if number is None else [self.classes[number]])))

    def source(self, side: int | None, cache: str, storage: str, on_bad_image: str) -> Source:
        """``storage="memory"``: those that are used are decoded once into files in ``cache`` that all runs map into
        memory; decoded again when ``stamp`` has changed. ``"stream"``: decoded when they are asked for. ``"auto"``: in
        memory if all fit into half of what is available now.
        ``on_bad_image="error"``: InputError naming an image that can't be decoded, when it is read. ``"skip"``: such
        ones are left out, in either storage; to find them, all are decoded once, and ``cache`` remembers which they
        were. Says once a process what was found. Raises InputError for a class of which no image can be decoded, and
        for an image whose size differs from the others' where there is no ``side`` to resize to.
        """
        check_one_of("storage", storage, "auto", "memory", "stream")
        check_one_of("on_bad_image", on_bad_image, "error", "skip")
        say(f"{printable(self.root)}: {summary(self.labels, self.classes, self.said)}")
        stamp = short_hash(repr((DECODING, self.stamp, Image.MAX_IMAGE_PIXELS)))
        caches = Path(cache).expanduser()
        skipped: tuple[str, ...] = ()
        left = self
        cache_files.remove_leftovers(caches)
        if on_bad_image == "skip":
            key = str(self.root) if self.layout == "image_folder" else f"{self.layout}:{self.root}"
            cached = caches / f"bad_images-{short_hash(key)}.json"
            skipped = bad_images.bad(self.places, self.root, stamp, cached)
            left = self._without(set(skipped))
        files = {part: ImageFiles(inside, side) for part, inside in left.places.items()}
        left._check_sizes(files)
        if storage == "auto":
            storage = _chosen(files)
        with suppress(OSError):  # what earlier versions have left of the same images
            (caches / f"image_folder-{short_hash(f'{self.root}:{side}')}.pt").unlink()
        parts = {}
        for part, inside in files.items():
            labels = torch.tensor(left.labels[part])
            if storage == "memory":
                cached = caches / f"{self.layout}-{short_hash(f'{self.root}:{side}:{part}')}.bin"
                images = CachedFiles(inside, cached, short_hash(repr((stamp, skipped))), self.root)
                parts[part] = Part(images, labels, images.keep, name=inside.places.name, size=inside.stored_size)
            else:
                parts[part] = Part(inside, labels, streamed=True, name=inside.places.name, size=inside.stored_size)
        parts |= {alias: parts[name] for alias, name in part_names.aliases(parts).items()}
        names = tuple(map(printable, self.classes)), tuple(map(printable, skipped))
        return Source(parts, *names, self.unchanged, self._check_classes, tuple(self.said))

    def _check_classes(self) -> None:
        for part, labels in self.labels.items():
            there = set(labels)
            if missing := [printable(name) for number, name in enumerate(self.classes) if number not in there]:
                text = f"the class {missing[0]}" if len(missing) == 1 else f"the classes {', '.join(missing)}"
                raise InputError(f"{self.where(part)} lacks {text}")

    def _check_sizes(self, files: Mapping[str, ImageFiles]) -> None:
        first = next(iter(files))
        for part in files:
            size, expected = ("x".join(map(str, files[name].shape[-2:])) for name in (part, first))
            if size != expected:
                here, there = self.where(part), self.where(first)
                raise InputError(f"{here} holds {size}, {there} {expected}: give data.side=N to resize all")

    def _without(self, bad: set[str]) -> "Encoded":
        """All but the bad ones. Raises InputError where none is left of a class."""
        places, labels = {}, {}
        for part, inside in self.places.items():
            left = [index for index in range(len(inside)) if inside.name(index) not in bad]
            places[part] = Chosen(inside, numpy.array(left, numpy.int64))
            labels[part] = [self.labels[part][index] for index in left]
            lost = sorted(set(self.labels[part]) - set(labels[part]))
            if lost:
                where = self.where(part, lost[0]) if left else self.where(part)
                raise InputError(f"{where}: none of its images can be decoded (data.on_bad_image=skip)")
        return replace(self, places=places, labels=labels)


def watched(layout: str, place: Path) -> tuple[str, Callable[[], object]]:
    """The digest of what is there, and what raises RunError when it is another. Raises InputError where nothing is
    there that the layout is made of."""
    try:
        digest = listing.digest(place, layout)
    except listing.Nothing as error:
        raise InputError(f"{error}{layouts.advice(place, layout)}") from error
    return digest, partial(listing.check, place, digest, layout)


def summary(labels: Mapping[str, Sequence[int]], classes: Sequence[str], said: Sequence[str] = ()) -> str:
    """``800 train images in 10 classes, 200 test; left out: 12 .gif, 3 .heic``"""
    first, *others = sorted(labels, key=lambda part: part != "train")
    name = "" if first == part_names.WHOLE else f" {printable(first)}"
    counts = [f"{len(labels[first]):,}{name} images in {plural(len(classes), 'class')}"]
    counts += [f"{len(labels[part]):,} {printable(part)}" for part in others]
    texts = [", ".join(counts)]
    texts += [f"{alias} is {printable(part)}" for alias, part in part_names.aliases(labels).items()]
    if not others:
        count = sum(map(share, numpy.bincount(numpy.asarray(labels[first])).tolist()))
        texts.append(
            f"no test part: where slices ask for one it is a fifth of each class, {count:,} images, by data.order_seed"
        )
    return "; ".join([*texts, *said])


def share(count: int) -> int:
    """How many of so many images of a class are drawn into a test part: at least one, unless it is the only one."""
    return min(count - 1, max(1, round(TEST_SHARE * count)))


def numbered(names: Mapping[str, Sequence[str]]) -> tuple[tuple[str, ...], dict[str, list[int]]]:
    """The classes of labels by name, sorted (whole numbers by value), and each part's labels as numbers."""
    there = set().union(*names.values())
    order = sorted(there, key=int) if all(name.isascii() and name.isdecimal() for name in there) else sorted(there)
    number = {name: index for index, name in enumerate(order)}
    return tuple(order), {part: [number[name] for name in inside] for part, inside in names.items()}


@cache
def say(text: str) -> None:
    """Once a process."""
    print(text, flush=True)


def short_hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="backslashreplace")).hexdigest()[:16]


def _chosen(files: Mapping[str, ImageFiles]) -> str:
    """``memory`` or ``stream``, by what is available; says so where it is ``stream``."""
    images, (height, width) = sum(map(len, files.values())), next(iter(files.values())).shape[-2:]
    needed, available = memory.needed(images, height, width), memory.available()
    if memory.fits(needed, available):
        return "memory"
    print(
        f"data.storage=auto: {images:,} images would take {needed / 2**30:.1f} GiB, {available / 2**30:.1f} GiB are "
        "available: they are read from disk, over and over (data.storage=memory keeps them in memory all the same)",
        flush=True,
    )
    return "stream"
