"""Where images come from. A source is a function that reads a dataset into parts (``train``, ``test``) of uint8
images, in the dataset's own order (an image folder's: by file name).

To add one: a function here, its YAML in ``conf/data`` and the types of its options in ``data/options.py``.
"""

from pathlib import Path

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
from rotelab.errors import InputError

__all__ = [
    "Part",
    "Source",
    "cifar10",
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
