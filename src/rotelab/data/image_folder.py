"""An image folder as a source: decoded once and kept in memory, or read from its files over and over."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import cache, partial
from pathlib import Path

import torch
from PIL import Image

from rotelab.data import cache_files, memory
from rotelab.data.cached_files import CachedFiles
from rotelab.data.image_files import BadImage, ImageFiles, rgb
from rotelab.data.listing import Listing, check, listing
from rotelab.data.parts import Part, Source
from rotelab.data.progress import for_each
from rotelab.errors import InputError, RunError, check_one_of, printable
from rotelab.system.signals import leave_to_the_parent, put_off

IMAGES_PER_PROCESS = 256
"""Fewer than twice as many are checked faster than processes are started."""

DECODING = 3
"""Changes when the same file is decoded to other pixels than before, so that no cache of before is used."""


def image_folder(side: int | None, folder: str, cache: str, storage: str, on_bad_image: str) -> Source:
    """A folder ``<part>/<class>/*`` of image files, ordered by file name across the classes of a part, as RGB.

    ``storage="memory"``: those that are used are decoded once into files in ``cache`` that all runs map into memory;
    decoded again when a name, a size or a modification time in the folder has changed. ``"stream"``: decoded when they
    are asked for. ``"auto"``: in memory if all fit into half of what is available now.
    ``on_bad_image="error"``: InputError naming a file that can't be decoded, when it is read. ``"skip"``: such files
    are left out, in either storage; to find them, all are decoded once, and ``cache`` remembers which they were.
    Says once a process what was found. Raises InputError for a class that a part lacks or of which no file can be read,
    and for an image whose size differs from the others' where there is no ``side`` to resize them to.
    """
    check_one_of("storage", storage, "auto", "memory", "stream")
    check_one_of("on_bad_image", on_bad_image, "error", "skip")
    root = Path(folder).expanduser().resolve()
    found = listing(root)
    paths = _by_part(root, found)
    classes = _classes(root, paths, found.left_out)
    _say(f"{printable(root)}: {_summary(paths, classes, found)}")
    stamp = _hash(repr((DECODING, found.images, Image.MAX_IMAGE_PIXELS)))
    caches = Path(cache).expanduser()
    skipped: tuple[str, ...] = ()
    cache_files.remove_leftovers(caches)
    if on_bad_image == "skip":
        skipped = _bad(root, [path for part in paths.values() for path in part], stamp, caches)
        paths = _without(root, paths, classes, set(skipped))
    files = {part: ImageFiles(root, inside, side) for part, inside in paths.items()}
    _check_sizes(root, files)
    if storage == "auto":
        storage = _chosen(files)
    number = {name: index for index, name in enumerate(classes)}
    parts = {}
    with suppress(OSError):  # what earlier versions have left of the same images
        (caches / f"image_folder-{_hash(f'{root}:{side}')}.pt").unlink()
    for part, inside in paths.items():
        labels = torch.tensor([number[_class(path)] for path in inside])
        if storage == "memory":
            cached = caches / f"image_folder-{_hash(f'{root}:{side}:{part}')}.bin"
            images = CachedFiles(files[part], cached, _hash(repr((stamp, skipped))))
            parts[part] = Part(images, labels, images.keep)
        else:
            parts[part] = Part(files[part], labels, streamed=True)
    unchanged = partial(check, root, found.digest)
    return Source(parts, tuple(map(printable, classes)), tuple(map(printable, skipped)), unchanged)


@cache
def _say(text: str) -> None:
    """Once a process."""
    print(text, flush=True)


def _summary(paths: Mapping[str, list[str]], classes: Sequence[str], found: Listing) -> str:
    """``800 train images in 10 classes, 200 test; left out: 12 .gif, 3 .heic; empty: train/fox``"""
    first, *others = sorted(paths, key=lambda part: part != "train")
    counts = [f"{len(paths[first]):,} {printable(first)} images in {len(classes)} classes"]
    counts += [f"{len(paths[part]):,} {printable(part)}" for part in others]
    texts = [", ".join(counts)]
    if left_out := _left_out(found):
        texts.append(f"left out: {left_out}")
    there = {_folder(path) for path, _, _ in found.images}
    if empty := sorted(printable(folder) for folder in found.left_out if folder not in there):
        texts.append(f"empty: {', '.join(empty)}")
    return "; ".join(texts)


def _left_out(found: Listing) -> str:
    """``12 .gif, 3 .heic``"""
    kinds = sum(found.left_out.values(), Counter())
    outside = [f"{found.outside:,} images in no class"] if found.outside else []
    return ", ".join([*_counted(kinds), *outside])


def _counted(kinds: Counter[str]) -> list[str]:
    return [f"{count:,} {kind}" for kind, count in sorted(kinds.items(), key=lambda item: (-item[1], item[0]))]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="backslashreplace")).hexdigest()[:16]


def _class(path: str) -> str:
    return path.split("/", 2)[1]


def _folder(path: str) -> str:
    """``<part>/<class>``"""
    return "/".join(path.split("/", 2)[:2])


def _by_part(root: Path, found: Listing) -> dict[str, list[str]]:
    """Part -> paths ``<part>/<class>/...`` below ``root``, by file name across classes."""
    parts: dict[str, list[str]] = {}
    for path, _, _ in found.images:
        parts.setdefault(path.partition("/")[0], []).append(path)
    if not parts:
        others = f", but {left_out}" if (left_out := _left_out(found)) else ""
        raise InputError(f"{printable(root)} holds no images{others}: expected train/<class>/* and test/<class>/*")
    return {part: sorted(inside, key=lambda path: (path.rpartition("/")[2], path)) for part, inside in parts.items()}


def _classes(root: Path, paths: Mapping[str, list[str]], left_out: Mapping[str, Counter[str]]) -> tuple[str, ...]:
    """The same ones in every part. Raises InputError for one that has files but no image, or is missing in a part."""
    there = {part: {_class(path) for path in inside} for part, inside in paths.items()}
    for folder, kinds in sorted(left_out.items()):
        part, name = folder.split("/")
        if kinds and part in there and name not in there[part]:
            files = ", ".join(_counted(kinds))
            raise InputError(f"{printable(root / folder)} holds no image that can be read here, but {files}")
    classes = sorted(set().union(*there.values()))
    for part, names in there.items():
        if missing := [printable(name) for name in classes if name not in names]:
            text = f"the class {missing[0]}" if len(missing) == 1 else f"the classes {', '.join(missing)}"
            raise InputError(f"{printable(root / part)} lacks {text}")
    return tuple(classes)


def _check_sizes(root: Path, files: Mapping[str, ImageFiles]) -> None:
    first = next(iter(files))
    for part in files:
        size, expected = ("x".join(map(str, files[name].shape[-2:])) for name in (part, first))
        if size != expected:
            here, there = printable(root / part), printable(root / first)
            raise InputError(f"{here} holds {size}, {there} {expected}: give data.side=N to resize all")


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


def _bad(root: Path, paths: list[str], stamp: str, caches: Path) -> tuple[str, ...]:
    """Those that can't be decoded, sorted: by the cache where it is that of ``stamp``, else by decoding all."""
    cached = caches / f"bad_images-{_hash(str(root))}.json"
    try:
        content = json.loads(cached.read_text())
        if content["stamp"] == stamp:
            bad = content["bad"]
            if content["sum"] != _sum(stamp, bad):
                raise ValueError("it has another checksum")
            if not isinstance(bad, list) or not set(bad) <= set(paths):
                raise ValueError("it names files that are not in the folder")
            return tuple(bad)
    except FileNotFoundError:
        pass
    except Exception as error:  # whatever a damaged one leads to
        cache_files.say_damaged(cached, error)
    start = time.monotonic()
    processes = min(torch.get_num_threads(), len(paths) // IMAGES_PER_PROCESS) or 1
    print(f"data.on_bad_image=skip: decoding {len(paths):,} images once ({processes} processes) ...", flush=True)
    bad = tuple(sorted(_found_bad(root, paths, processes)))
    print(f"data.on_bad_image=skip: {len(bad):,} can't be decoded ({time.monotonic() - start:.1f} s)", flush=True)
    content = json.dumps({"stamp": stamp, "bad": bad, "sum": _sum(stamp, bad)}).encode()
    cache_files.write(cached, lambda file: file.write(content))
    return bad


def _sum(stamp: str, bad: object) -> str:
    return _hash(json.dumps([stamp, bad]))


def _found_bad(root: Path, paths: list[str], processes: int) -> list[str]:
    is_bad, bad = partial(_is_bad, root), []

    def note(found: tuple[str, bool]) -> None:
        if found[1]:
            bad.append(found[0])

    def go_through(flags: Iterable[bool]) -> list[str]:
        for_each(note, zip(paths, flags, strict=True), len(paths), f"decoding {printable(root)}")
        return bad

    if processes == 1:
        return go_through(map(is_bad, paths))
    try:
        with ProcessPoolExecutor(processes, initializer=leave_to_the_parent) as pool:
            try:
                with put_off():
                    flags = pool.map(is_bad, paths, chunksize=IMAGES_PER_PROCESS)
                return go_through(flags)
            except BaseException:
                pool.shutdown(cancel_futures=True)  # else the rest would be decoded first
                raise
    except BrokenProcessPool as error:
        raise RunError("a process that decoded images was killed: is there enough memory?") from error


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
            raise InputError(f"{printable(folder)}: none of its images can be decoded (data.on_bad_image=skip)")
    return left
