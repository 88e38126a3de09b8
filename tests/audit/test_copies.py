"""Copies that were planted among images are found, whatever was done to them, and hardly any other pair is."""

import io
from collections import Counter
from collections.abc import Callable
from functools import cache

import numpy
import pytest
import torch
from PIL import Image, ImageEnhance
from sklearn.datasets import load_digits
from torch import Tensor

from rotelab.audit import copies
from rotelab.audit.copies import EXACT, MIRRORED

COUNT, PLANTED = 200, 20
MIRROR = Image.Transpose.FLIP_LEFT_RIGHT


@cache
def pictures() -> Tensor:
    """Blobs of colour, all with something of one large one in common."""
    draw = torch.Generator().manual_seed(0)
    coarse = torch.rand(COUNT, 3, 6, 6, generator=draw) + 0.5 * torch.rand(1, 3, 6, 6, generator=draw)
    smooth = torch.nn.functional.interpolate(coarse, (32, 32), mode="bicubic")
    return (255 * smooth / 1.6).clamp(0, 255).to(torch.uint8)


def recompressed(image: Image.Image) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=50)
    return Image.open(file)


WAYS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "same": lambda image: image,
    "recompressed": recompressed,
    "mirrored": lambda image: image.transpose(MIRROR),
    "darkened": lambda image: ImageEnhance.Brightness(image).enhance(0.6),
    "cropped": lambda image: image.crop((2, 1, 30, 29)).resize((32, 32)),
    "cropped at a corner": lambda image: image.crop((4, 3, 32, 32)).resize((32, 32)),
    "cropped less": lambda image: image.crop((1, 0, 32, 31)).resize((32, 32)),
    "cropped and mirrored": lambda image: image.crop((0, 2, 29, 32)).resize((32, 32)).transpose(MIRROR),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_copy_is_found(way: str) -> None:
    images = pictures()
    changed = [WAYS[way](Image.fromarray(image.permute(1, 2, 0).numpy())).convert("RGB") for image in images[:PLANTED]]
    added = torch.stack([torch.from_numpy(numpy.array(image)).permute(2, 0, 1) for image in changed])
    found = copies.copies(torch.cat([images, added])).pairs
    pairs = {(copy.first, copy.second): copy.how for copy in found}
    planted = [pairs.pop((number, COUNT + number), None) for number in range(PLANTED)]
    assert sum(how is not None for how in planted) >= 0.9 * PLANTED
    assert len(pairs) <= 2
    if way in ("same", "mirrored"):
        assert set(planted) == {EXACT if way == "same" else MIRRORED}


def test_images_of_one_colour_are_no_copies_of_others() -> None:
    images = pictures().clone()
    images[:3] = torch.tensor([10, 200, 10], dtype=torch.uint8)[:, None, None, None]
    assert [(copy.first, copy.second, copy.how) for copy in copies.copies(images).pairs] == [(0, 2, EXACT)]


def test_tiny_sets_and_images() -> None:
    images = pictures()[:8, :1, :8, :8].clone()
    images[7] = images[0]
    assert (0, 7, EXACT) in [(copy.first, copy.second, copy.how) for copy in copies.copies(images).pairs]


def test_what_all_images_share_makes_no_copies() -> None:
    """A white frame, that all have, is most of what varies in each of them."""
    images = pictures().clone()
    for rows in (slice(0, 4), slice(28, 32)):
        images[:, :, rows] = 255
        images[:, :, :, rows] = 255
    assert not copies.copies(images).pairs


def test_large_sets_are_compared_uncropped(monkeypatch: pytest.MonkeyPatch) -> None:
    images = pictures()
    cropped, mirrored = images[:1, :, 2:30, 2:30], images[1:2].flip(3)
    cropped = torch.nn.functional.interpolate(cropped.float(), (32, 32), mode="bicubic").clamp(0, 255).to(torch.uint8)
    both = torch.cat([images, cropped, mirrored])
    pairs = {(0, COUNT): copies.NEAR, (1, COUNT + 1): MIRRORED}
    assert {(copy.first, copy.second): copy.how for copy in copies.copies(both).pairs} == pairs
    monkeypatch.setattr(copies, "CROPPED", COUNT)
    assert {(copy.first, copy.second) for copy in copies.copies(both).pairs} == {(1, COUNT + 1)}


def test_no_two_digits_are_copies() -> None:
    digits = torch.from_numpy(15 * load_digits().images[:600]).to(torch.uint8)[:, None]
    assert not copies.copies(digits).pairs
    darker = (0.6 * digits[:5].float()).round().to(torch.uint8)
    found = copies.copies(torch.cat([digits, darker, digits[5:8].flip(3)])).pairs
    assert [(copy.first, copy.second) for copy in found] == [(number, 600 + number) for number in range(8)]


def test_without_time_some_neighbours_are_looked_at_and_the_same_pixels_found(monkeypatch: pytest.MonkeyPatch) -> None:
    images = pictures()
    both = torch.cat([images, images[:PLANTED], images[:PLANTED].flip(3)])
    monkeypatch.setattr(copies, "AT_ONCE", 40)
    hasty, whole = copies.copies(both, 0.0), copies.copies(both)
    assert (hasty.looked_at, whole.looked_at) == (40, len(both))
    some, every = (Counter(copy.how for copy in of.pairs) for of in (hasty, whole))
    assert some[EXACT] == every[EXACT] == PLANTED
    assert 0 < some[MIRRORED] < every[MIRRORED] == 2 * PLANTED
