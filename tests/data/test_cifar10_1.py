"""CIFAR-10.1 beside CIFAR-10, from files as they are published."""

from collections.abc import Callable
from pathlib import Path

import numpy
import pytest
import torch

from rotelab.data import sources
from rotelab.data.sources import cifar10_1
from rotelab.errors import InputError

GREYS = numpy.arange(5, dtype=numpy.uint8)


class Fake:
    """CIFAR-10 with three and two images."""

    classes = tuple("abcdefghij")

    def __init__(self, folder: Path, train: bool, download: bool) -> None:
        size = 3 if train else 2
        self.data = numpy.zeros((size, 32, 32, 3), dtype=numpy.uint8)
        self.targets = [9, 0, 1][:size]


def write(folder: Path, version: str, images: numpy.ndarray, labels: numpy.ndarray) -> None:
    numpy.save(folder / f"cifar10.1_{version}_data.npy", images)
    numpy.save(folder / f"cifar10.1_{version}_labels.npy", labels)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Five images, each of one grey, its last channel 200."""
    monkeypatch.setattr(sources, "CIFAR10", Fake)
    images = numpy.broadcast_to(GREYS[:, None, None, None], (5, 32, 32, 3)).copy()
    images[..., 2] = 200
    for version, labels in (("v6", [3, 1, 4, 1, 5]), ("v4", [2, 7, 1, 8, 2])):
        write(tmp_path, version, images, numpy.array(labels, dtype=numpy.int32))
    return tmp_path


def test_it_is_a_third_part(folder: Path) -> None:
    source = cifar10_1(None, str(folder), False, "v6")
    assert {name: len(part.images) for name, part in source.parts.items()} == {"train": 3, "test": 2, "shifted": 5}
    shifted = source.parts["shifted"]
    assert (shifted.labels.tolist(), shifted.labels.dtype) == ([3, 1, 4, 1, 5], torch.int64)
    assert torch.stack([shifted.images[i] for i in range(5)])[:, :, 7, 7].tolist() == [[g, g, 200] for g in range(5)]
    assert source.classes == Fake.classes


def test_the_version_and_the_side(folder: Path) -> None:
    shifted = cifar10_1(8, str(folder), False, "v4").parts["shifted"]
    assert shifted.labels.tolist() == [2, 7, 1, 8, 2]
    assert shifted.images.shape == (5, 3, 8, 8)
    with pytest.raises(ValueError, match="version = 'v5' is not one of"):
        cifar10_1(None, str(folder), False, "v5")


def missing(folder: Path) -> None:
    (folder / "cifar10.1_v6_labels.npy").unlink()


def damaged(folder: Path) -> None:
    (folder / "cifar10.1_v6_data.npy").write_bytes(b"no array")


def small(folder: Path) -> None:
    write(folder, "v6", numpy.zeros((5, 28, 28, 3), numpy.uint8), numpy.zeros(5, numpy.int64))


def short(folder: Path) -> None:
    write(folder, "v6", numpy.zeros((5, 32, 32, 3), numpy.uint8), numpy.zeros(4, numpy.int64))


def beyond(folder: Path) -> None:
    write(folder, "v6", numpy.zeros((2, 32, 32, 3), numpy.uint8), numpy.array([0, 10]))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (missing, "labels.npy is not there: CIFAR-10.1 publishes it"),
        (damaged, "data.npy can't be read"),
        (small, "not images of 32x32"),
        (short, "no label from 0 to 9 for each of 5 images"),
        (beyond, "no label from 0 to 9"),
    ],
)
def test_what_is_not_as_it_is_published_is_refused(folder: Path, spoil: Callable[[Path], None], words: str) -> None:
    spoil(folder)
    with pytest.raises(InputError, match=words):
        cifar10_1(None, str(folder), False, "v6")
