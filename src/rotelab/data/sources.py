"""Where images come from. A source is a function that reads a dataset into parts (``train``, ``test``) of uint8
images, in the dataset's own order (an image folder's: by file name).

To add one: a function here, its YAML in ``conf/data`` and the types of its options in ``data/options.py``.
"""

from dataclasses import replace
from pathlib import Path

import numpy
import torch
from jaxtyping import UInt8
from sklearn.datasets import load_digits
from torch import Tensor
from torchvision.datasets import CIFAR10, FashionMNIST

from rotelab.data import image_files, memory
from rotelab.data.csv_table import csv_table as csv
from rotelab.data.image_folder import image_folder
from rotelab.data.npz import npz
from rotelab.data.parquet import parquet
from rotelab.data.parts import Part, Source
from rotelab.data.webdataset import webdataset
from rotelab.errors import InputError, check_one_of, printable

__all__ = [
    "Part",
    "Source",
    "cifar10",
    "cifar10_1",
    "csv",
    "digits",
    "fashion_mnist",
    "image_folder",
    "npz",
    "parquet",
    "webdataset",
]


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


VERSIONS = ("v4", "v6")
"""Of CIFAR-10.1: 2,021 images, and 2,000 of the same number in each class."""


def cifar10_1(side: int | None, folder: str, download: bool, version: str) -> Source:
    """CIFAR-10 with a third part, ``shifted``: a test set that was gathered anew in its manner (Recht et al. 2018,
    "Do CIFAR-10 Classifiers Generalize to CIFAR-10?"), on which networks are some points worse.

    ``folder`` holds CIFAR-10 as torchvision has it, and beside it the published ``cifar10.1_<version>_data.npy`` and
    ``cifar10.1_<version>_labels.npy``, which ``download`` does not fetch. Raises InputError, which names the file, for
    one that is missing or is not of that shape.
    """
    check_one_of("version", version, *VERSIONS)
    whole = cifar10(side, folder, download)
    images, labels = (
        _array(Path(folder).expanduser() / f"cifar10.1_{version}_{name}.npy") for name in ("data", "labels")
    )
    if images.dtype != numpy.uint8 or images.shape[1:] != (32, 32, 3):
        raise InputError(f"cifar10.1_{version}_data.npy holds {images.shape} of {images.dtype}, not images of 32x32")
    known = labels.shape == (len(images),) and labels.dtype.kind in "iu" and numpy.isin(labels, range(10)).all()
    if not known or not len(images):
        raise InputError(
            f"cifar10.1_{version}_labels.npy holds no label from 0 to 9 for each of {len(images):,} images"
        )
    part = Part(
        _resized(torch.from_numpy(images).permute(0, 3, 1, 2), side), torch.from_numpy(labels.astype(numpy.int64))
    )
    return replace(whole, parts={**whole.parts, "shifted": part})


def _array(path: Path) -> numpy.ndarray:
    try:
        return numpy.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        there = f"can't be read: {error}" if path.exists() else "is not there: CIFAR-10.1 publishes it"
        raise InputError(f"{printable(path)} {there}") from error


def fashion_mnist(side: int | None, folder: str, download: bool) -> Source:
    """Fashion-MNIST (Xiao et al. 2017): 60,000 and 10,000 images, 1x28x28."""
    read = _torchvision(FashionMNIST, folder, download)
    parts = {name: Part(_resized(data.data[:, None], side), data.targets.long()) for name, data in read.items()}
    return Source(parts, tuple(read["train"].classes))


def _resized(images: UInt8[Tensor, "image channel height width"], side: int | None) -> Tensor:
    if side is not None:
        memory.check(images.shape[0] * images.shape[1] * side**2, f"{len(images):,} images of data.side = {side}")
    return image_files.resized(images, side)


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
