"""Where images come from. A source is a function that reads a dataset into parts (``train``, ``test``) of uint8
images, in the dataset's own order (an image folder's: by file name).

To add one: a function here, its YAML in ``conf/data`` and the types of its options in ``schema.py``.
"""

import hashlib
import os
import pickle
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Int64, UInt8
from sklearn.datasets import load_digits
from torch import Tensor
from torchvision.datasets import CIFAR10, FashionMNIST
from torchvision.datasets.folder import default_loader
from torchvision.transforms.v2 import functional as transforms

from rotelab.data.listing import listing
from rotelab.errors import InputError


@dataclass(frozen=True)
class Part:
    """Images of one part of a source, grey levels 0 to 255, and their labels, 0 to classes - 1."""

    images: UInt8[Tensor, "image channel height width"]
    labels: Int64[Tensor, " image"]


@dataclass(frozen=True)
class Source:
    parts: Mapping[str, Part]
    classes: tuple[str, ...]


def digits(side: int | None) -> Source:
    """scikit-learn's 1,797 handwritten digits, 1x8x8: one part, ``all``, since the set has no test half of its own."""
    data = load_digits()
    images = torch.from_numpy(data.images).mul(255 / 16).round().to(torch.uint8)[:, None]
    part = Part(_resized(images, side), torch.from_numpy(data.target).long())
    return Source({"all": part}, tuple(map(str, data.target_names)))


def cifar10(side: int | None, folder: str, download: bool) -> Source:
    """CIFAR-10 (Krizhevsky 2009): 50,000 and 10,000 images, 3x32x32."""
    read = _torchvision(CIFAR10, folder, download)
    parts = {
        name: Part(_resized(torch.from_numpy(data.data).permute(0, 3, 1, 2), side), torch.tensor(data.targets))
        for name, data in read.items()
    }
    return Source(parts, tuple(read["train"].classes))


def fashion_mnist(side: int | None, folder: str, download: bool) -> Source:
    """Fashion-MNIST (Xiao et al. 2017): 60,000 and 10,000 images, 1x28x28."""
    read = _torchvision(FashionMNIST, folder, download)
    parts = {name: Part(_resized(data.data[:, None], side), data.targets.long()) for name, data in read.items()}
    return Source(parts, tuple(read["train"].classes))


def image_folder(side: int | None, folder: str, cache: str) -> Source:
    """A folder ``<part>/<class>/*`` of image files, ordered by file name across the classes of a part.

    Decoded once, to RGB (and to ``side`` x ``side`` where that is given), into a file in ``cache`` that all runs map
    into memory; decoded again when a name, a size or a modification time in the folder has changed.
    Raises InputError naming the path of a file that is no image, or of one whose size differs from the others'.
    """
    root = Path(folder).expanduser().resolve()
    found = repr(listing(root))
    key = hashlib.sha256(f"{root}:{side}".encode()).hexdigest()[:16]
    file = Path(cache).expanduser() / f"image_folder-{key}.pt"
    if file.exists():
        cached = _cached(file)
        if cached.get("listing") == found:
            return Source({name: Part(*tensors) for name, tensors in cached["parts"].items()}, cached["classes"])
    source = _decoded(root, side)
    parts = {name: (part.images, part.labels) for name, part in source.parts.items()}
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".partial", delete=False) as partial:
        try:
            torch.save({"listing": found, "classes": source.classes, "parts": parts}, partial)
            partial.flush()
            os.fsync(partial.fileno())
            os.replace(partial.name, file)
        except BaseException:
            os.unlink(partial.name)
            raise
    return source


def _cached(file: Path) -> dict:
    try:
        return torch.load(file, mmap=True, weights_only=True)
    except (RuntimeError, EOFError, pickle.UnpicklingError):  # a damaged cache is no cache
        return {}


def _decoded(root: Path, side: int | None) -> Source:
    files = _image_files(root)
    classes = {part: sorted({Path(path).parts[1] for path in paths}) for part, paths in files.items()}
    parts: dict[str, Part] = {}
    for part, paths in files.items():
        first = next(iter(parts), part)
        if classes[part] != classes[first]:
            raise InputError(f"{root / part} has classes {classes[part]}, {root / first} has {classes[first]}")
        images = _read([root / path for path in paths], side)
        labels = torch.tensor([classes[part].index(Path(path).parts[1]) for path in paths])
        parts[part] = Part(images, labels)
        size, expected = ("x".join(map(str, parts[name].images.shape[-2:])) for name in (part, first))
        if size != expected:
            raise InputError(f"{root / part} holds {size}, {root / first} {expected}: give data.side=N to resize all")
    return Source(parts, tuple(classes[first]))


def _image_files(root: Path) -> dict[str, list[str]]:
    """Part -> paths ``<part>/<class>/...`` below ``root``, by file name across classes."""
    files: dict[str, list[str]] = {}
    for path, _, _ in listing(root):
        files.setdefault(path.split("/")[0], []).append(path)
    if not files:
        raise InputError(f"{root} holds no images: expected train/<class>/* and test/<class>/*")
    return {part: sorted(paths, key=lambda path: (Path(path).name, path)) for part, paths in files.items()}


def _read(paths: list[Path], side: int | None) -> UInt8[Tensor, "image channel height width"]:
    images: Tensor | None = None
    for index, path in enumerate(paths):
        try:
            image = _resized(transforms.pil_to_tensor(default_loader(str(path))), side)
        except Exception as error:  # what Pillow raises on a broken file is not one family of exceptions
            raise InputError(f"{path} can't be read as an image: {error}") from error
        if images is None:  # filled in place: a list of images and their stack would need the memory twice
            images = image.new_empty((len(paths), *image.shape))
        if image.shape != images.shape[1:]:
            size, first = ("x".join(map(str, shape[-2:])) for shape in (image.shape, images.shape))
            raise InputError(f"{path} is {size}, {paths[0]} is {first}: give data.side=N to resize all to NxN")
        images[index] = image
    return images


def _resized(images: Tensor, side: int | None) -> Tensor:
    """uint8 images, square with ``side`` pixels (antialiased, bilinear); unchanged for None."""
    if side is None or tuple(images.shape[-2:]) == (side, side):
        return images.contiguous()
    return transforms.resize(images, [side, side], antialias=True)


def _torchvision(dataset: type, folder: str, download: bool) -> dict:
    path = Path(folder).expanduser()
    try:
        return {name: dataset(path, train=name == "train", download=download) for name in ("train", "test")}
    except (RuntimeError, OSError) as error:  # no network is an OSError
        if download:
            raise InputError(f"{dataset.__name__} could not be downloaded into {path}: {error}") from error
        raise InputError(
            f"{dataset.__name__} is not in {path}: put it there (data.folder=...) or fetch it with data.download=true"
        ) from error
