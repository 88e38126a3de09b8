"""An image folder as a source: what its folders say of the images in them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from rotelab.data import listing as listings
from rotelab.data import part_names
from rotelab.data.layouts import advice
from rotelab.data.listing import Listing, listing
from rotelab.data.parts import Source
from rotelab.data.places import Paths
from rotelab.data.stored import Encoded
from rotelab.errors import InputError, printable


def image_folder(side: int | None, folder: str, cache: str, storage: str, on_bad_image: str) -> Source:
    """A folder ``<part>/<class>/*`` of image files, or ``<class>/*``, ordered by file name across the classes of a
    part, as RGB. Parts of other spellings, such as ``Train`` and ``validation``, are ``train`` and ``test`` as well.
    """
    return _encoded(Path(folder).expanduser().resolve()).source(side, cache, storage, on_bad_image)


def _encoded(root: Path) -> Encoded:
    found = listing(root)
    paths = _by_part(root, found)
    classes = _classes(root, paths, found)
    number = {name: index for index, name in enumerate(classes)}
    return Encoded(
        "image_folder",
        root,
        {part: Paths(root, inside) for part, inside in paths.items()},
        {part: [number[_class(path, found.depth)] for path in inside] for part, inside in paths.items()},
        classes,
        found.digest,
        partial(listings.check, root, found.digest),
        _said(found),
    )


def _said(found: Listing) -> list[str]:
    """``left out: 12 .gif, 3 .heic``, ``empty: train/fox``"""
    texts = []
    if left_out := _left_out(found):
        texts.append(f"left out: {left_out}")
    there = {_folder(path, found.depth) for path, _, _ in found.images}
    if empty := sorted(printable(folder) for folder in found.left_out if folder not in there):
        texts.append(f"empty: {', '.join(empty)}")
    return texts


def _left_out(found: Listing) -> str:
    """``12 .gif, 3 .heic``"""
    kinds = sum(found.left_out.values(), Counter())
    outside = [f"{found.outside:,} images in no class"] if found.outside else []
    return ", ".join([*_counted(kinds), *outside])


def _counted(kinds: Counter[str]) -> list[str]:
    return [f"{count:,} {kind}" for kind, count in sorted(kinds.items(), key=lambda item: (-item[1], item[0]))]


def _class(path: str, depth: int) -> str:
    return path.split("/", depth)[depth - 1]


def _folder(path: str, depth: int) -> str:
    """``<part>/<class>``"""
    return "/".join(path.split("/", depth)[:depth])


def _by_part(root: Path, found: Listing) -> dict[str, list[str]]:
    """Part -> paths below ``root``, by file name across classes."""
    parts: dict[str, list[str]] = {}
    for path, _, _ in found.images:
        parts.setdefault(path.partition("/")[0] if found.depth == 2 else part_names.WHOLE, []).append(path)
    if not parts:
        others = f", but {left_out}" if (left_out := _left_out(found)) else ""
        raise InputError(f"{printable(root)} holds no images{others}{advice(root, 'image_folder')}")
    return {part: sorted(inside, key=lambda path: (path.rpartition("/")[2], path)) for part, inside in parts.items()}


def _classes(root: Path, paths: Mapping[str, Sequence[str]], found: Listing) -> tuple[str, ...]:
    """Of all parts. Raises InputError for one that has files in a part and no image."""
    there = {_folder(path, found.depth) for path, _, _ in found.images}
    for folder, kinds in sorted(found.left_out.items()):
        if kinds and folder not in there and (found.depth == 1 or folder.split("/")[0] in paths):
            files = ", ".join(_counted(kinds))
            raise InputError(f"{printable(root / folder)} holds no image that can be read here, but {files}")
    return tuple(sorted({folder.split("/")[found.depth - 1] for folder in there}))
