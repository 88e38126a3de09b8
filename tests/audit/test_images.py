"""What an audit reads of a source: every image once, with its part and file; and properties of images."""

from collections.abc import Mapping
from pathlib import Path

import numpy
import pytest
import torch
from layouts import as_folders, pictures

from rotelab.audit import images, properties
from rotelab.audit.images import Images
from rotelab.data.parts import Part, Source
from rotelab.data.sources import image_folder
from rotelab.errors import InputError


def read(folder: Path, cache: Path) -> Images:
    return images.read(image_folder(8, str(folder), str(cache), "memory", "skip"))


@pytest.mark.parametrize("names", [{}, {"test": "validation"}])
def test_images_of_all_parts(tmp_path: Path, names: Mapping[str, str]) -> None:
    found = read(as_folders(tmp_path / "images", pictures(), names), tmp_path)
    assert found.classes == ("cat", "dog", "emu") and not found.divided
    assert sorted(found.counts.sum(dim=1).tolist()) == [6, 24]
    assert int(found.tested.sum()) == 6
    assert found.sizes.tolist() == [[6, 5]] * 30 and tuple(found.pixels.shape) == (30, 3, 8, 8)
    for file, label, tested in zip(found.files, found.labels, found.tested, strict=True):
        part, name, _ = file.split("/")
        assert name == found.classes[label] and bool(tested) == (part != "train")


def test_a_part_is_drawn_where_there_is_none(tmp_path: Path) -> None:
    found = read(as_folders(tmp_path / "images", {"train": pictures()["train"]}), tmp_path)
    assert found.divided and found.parts == ("train", "test")
    assert found.counts[1].tolist() == [2, 2, 2]


def test_a_class_that_a_part_lacks_is_no_fault_here(tmp_path: Path) -> None:
    parts = pictures()
    parts["test"] = [picture for picture in parts["test"] if picture[1] != "emu"]
    (tmp_path / "images/train/empty").mkdir(parents=True)
    found = read(as_folders(tmp_path / "images", parts), tmp_path)
    assert found.counts[found.parts.index("test")].tolist() == [2, 2, 0]
    assert found.said == ("empty: train/empty",)
    assert properties.small_classes(found)["emu"] == {"test": 0, "train": 8}


def test_too_few_images() -> None:
    part = Part(torch.zeros(6, 1, 4, 4, dtype=torch.uint8), torch.arange(6) % 2)
    with pytest.raises(InputError, match="6 images of 2 classes: an audit needs"):
        images.read(Source({"all": part}, ("a", "b")))


def test_made_smaller_by_means() -> None:
    pixels = torch.tensor([0, 255], dtype=torch.uint8).repeat(1, 1, 4, 2)
    assert (images.at_most(pixels, 2) == 0.5).all()
    assert images.at_most(pixels, 8).shape == pixels.shape


def test_odd_images_are_named() -> None:
    draw = torch.Generator().manual_seed(0)
    pixels = torch.randint(256, (40, 3, 8, 8), generator=draw, dtype=torch.uint8)
    pixels[0] = 90
    pixels[1] //= 14
    pixels[2] = 255 - pixels[2] // 14
    sizes = numpy.tile([100, 100], (40, 1))
    sizes[3], sizes[4], sizes[5] = (20, 20), (900, 900), (50, 200)
    zeros = torch.zeros(40, dtype=torch.long)
    found = properties.odd(Images(pixels, zeros, zeros, ("test",), [""] * 40, sizes, ("a",)))
    assert {odd.name: numpy.flatnonzero(odd.which).tolist() for odd in found} == {
        "nearly one colour": [0],
        "dark": [1],
        "bright": [2],
        "few colours": [0, 1, 2],
        "much smaller": [3],
        "much larger": [4],
        "odd shape": [5],
    }
    assert not any(odd.common for odd in found)
