"""An image folder as a source: decoded once and kept in memory, or read from its files over and over."""

import hashlib
import json
import os
import pickle
import signal
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from typing import IO

import torch
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor

from rotelab.data import memory
from rotelab.data.image_files import BadImage, ImageFiles, rgb
from rotelab.data.listing import listing
from rotelab.data.parts import Part, Source
from rotelab.errors import InputError, RunError, check_one_of

IMAGES_PER_PROCESS = 256
"""Fewer than twice as many are checked faster than processes are started."""


def image_folder(side: int | None, folder: str, cache: str, storage: str, on_bad_image: str) -> Source:
    """A folder ``<part>/<class>/*`` of image files, ordered by file name across the classes of a part, as RGB.

    ``storage="memory"``: decoded once into a file in ``cache`` that all runs map into memory; decoded again when a
    name, a size or a modification time in the folder has changed. ``"stream"``: decoded when they are asked for.
    ``"auto"``: in memory if they fit into half of what is available now.
    ``on_bad_image="error"``: InputError naming a file that can't be decoded, when it is read. ``"skip"``: such files
    are left out, in either storage; to find them, all are decoded once, and ``cache`` remembers which they were.
    Raises InputError for an image whose size differs from the others' where there is no ``side`` to resize them to.
    """
    check_one_of("storage", storage, "auto", "memory", "stream")
    check_one_of("on_bad_image", on_bad_image, "error", "skip")
    root = Path(folder).expanduser().resolve()
    found = listing(root)
    paths = _by_part(root, [path for path, _, _ in found])
    classes = _classes(root, paths)
    stamp = _hash(repr((found, Image.MAX_IMAGE_PIXELS)))
    caches = Path(cache).expanduser()
    skipped: tuple[str, ...] = ()
    if on_bad_image == "skip":
        skipped = _bad(root, [path for part in paths.values() for path in part], stamp, caches)
        paths = _without(root, paths, classes, set(skipped))
    files = {part: ImageFiles(root, inside, side) for part, inside in paths.items()}
    _check_sizes(root, files)
    if storage == "auto":
        storage = _chosen(files)
    images: Mapping[str, Tensor | ImageFiles] = files
    if storage == "memory":
        cached = caches / f"image_folder-{_hash(f'{root}:{side}')}.pt"
        images = _in_memory(files, _hash(repr((stamp, skipped))), cached)
    number = {name: index for index, name in enumerate(classes)}
    parts = {
        part: Part(images[part], torch.tensor([number[_class(path)] for path in inside]))
        for part, inside in paths.items()
    }
    return Source(parts, classes, skipped)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="backslashreplace")).hexdigest()[:16]


def _class(path: str) -> str:
    return path.split("/", 2)[1]


def _by_part(root: Path, paths: Iterable[str]) -> dict[str, list[str]]:
    """Part -> paths ``<part>/<class>/...`` below ``root``, by file name across classes."""
    parts: dict[str, list[str]] = {}
    for path in paths:
        parts.setdefault(path.partition("/")[0], []).append(path)
    if not parts:
        raise InputError(f"{root} holds no images: expected train/<class>/* and test/<class>/*")
    return {part: sorted(inside, key=lambda path: (path.rpartition("/")[2], path)) for part, inside in parts.items()}


def _classes(root: Path, paths: Mapping[str, list[str]]) -> tuple[str, ...]:
    classes = {part: sorted({_class(path) for path in inside}) for part, inside in paths.items()}
    first = next(iter(classes))
    for part, names in classes.items():
        if names != classes[first]:
            raise InputError(f"{root / part} has classes {names}, {root / first} has {classes[first]}")
    return tuple(classes[first])


def _check_sizes(root: Path, files: Mapping[str, ImageFiles]) -> None:
    first = next(iter(files))
    for part in files:
        size, expected = ("x".join(map(str, files[name].shape[-2:])) for name in (part, first))
        if size != expected:
            raise InputError(f"{root / part} holds {size}, {root / first} {expected}: give data.side=N to resize all")


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


def _in_memory(files: Mapping[str, ImageFiles], stamp: str, cached: Path) -> Mapping[str, Tensor]:
    """The images of every part, mapped from ``cached`` where they are those of ``stamp``, else decoded into it."""
    if cached.exists():
        try:
            content = torch.load(cached, mmap=True, weights_only=True)
            if content.get("stamp") == stamp:
                return content["images"]
        except (RuntimeError, EOFError, pickle.UnpicklingError):  # a damaged cache is no cache
            pass
    images = {part: _decoded(inside) for part, inside in files.items()}
    _write(cached, lambda file: torch.save({"stamp": stamp, "images": images}, file))
    return images


def _decoded(files: ImageFiles) -> UInt8[Tensor, "image channel height width"]:
    images = torch.empty(files.shape, dtype=torch.uint8)
    for index in range(len(files)):  # in place: a list of images and their stack would need the memory twice
        images[index] = files[index]
    return images


def _bad(root: Path, paths: list[str], stamp: str, caches: Path) -> tuple[str, ...]:
    """Those that can't be decoded, sorted: by the cache where it is that of ``stamp``, else by decoding all."""
    cached = caches / f"bad_images-{_hash(str(root))}.json"
    try:
        content = json.loads(cached.read_text())
        if content["stamp"] == stamp:
            return tuple(content["bad"])
    except (OSError, ValueError, LookupError, TypeError):  # none, or a damaged one
        pass
    start = time.monotonic()
    processes = min(torch.get_num_threads(), len(paths) // IMAGES_PER_PROCESS) or 1
    print(f"data.on_bad_image=skip: decoding {len(paths):,} images once ({processes} processes) ...", flush=True)
    bad = tuple(sorted(_found_bad(root, paths, processes)))
    print(f"data.on_bad_image=skip: {len(bad):,} can't be decoded ({time.monotonic() - start:.1f} s)", flush=True)
    _write(cached, lambda file: file.write(json.dumps({"stamp": stamp, "bad": bad}).encode()))
    return bad


def _found_bad(root: Path, paths: list[str], processes: int) -> list[str]:
    is_bad = partial(_is_bad, root)
    if processes == 1:
        return [path for path in paths if is_bad(path)]
    try:
        with ProcessPoolExecutor(processes, initializer=_leave_interrupts_to_the_parent) as pool:
            flags = pool.map(is_bad, paths, chunksize=IMAGES_PER_PROCESS)
            return [path for path, flag in zip(paths, flags, strict=True) if flag]
    except BrokenProcessPool as error:
        raise RunError("a process that decoded images was killed: is there enough memory?") from error


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _is_bad(root: Path, path: str) -> bool:
    try:
        rgb(root / path)  # no torch here: its threads don't survive a fork
    except BadImage:
        return True
    return False


def _without(root: Path, paths: Mapping[str, list[str]], classes: Iterable[str], bad: set[str]) -> dict[str, list[str]]:
    """``paths`` but the bad ones. Raises InputError where none is left of a class."""
    left = {part: [path for path in inside if path not in bad] for part, inside in paths.items()}
    for part, inside in left.items():
        there = {_class(path) for path in inside}
        lost = [root / part / name for name in classes if name not in there]
        if lost:
            folder = lost[0] if there else root / part
            raise InputError(f"{folder}: none of its images can be decoded (data.on_bad_image=skip)")
    return left


def _write(file: Path, write: Callable[[IO[bytes]], object]) -> None:
    """All of it or nothing, however many processes do so at once."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".partial", delete=False) as partial_file:
        try:
            write(partial_file)
            partial_file.flush()
            os.fsync(partial_file.fileno())
            os.replace(partial_file.name, file)
        except BaseException:
            os.unlink(partial_file.name)
            raise
