"""ZCA whitening: what it makes of a covariance, which images enter it, and whose bits depend on whom."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from pictures import write_noise

from rotelab.data.module import ImageData, Preparation
from rotelab.data.parts import Part, Source
from rotelab.data.preprocessing import Preprocessing, augmentation
from rotelab.data.sources import image_folder
from rotelab.data.whitening import zca
from rotelab.errors import InputError
from rotelab.randomness import stream

FLOOR = 0.01


def correlated(count: int, name: str = "tests") -> torch.Tensor:
    """2x3x3 images, neighbours alike."""
    drawn = torch.rand(count, 2, 4, 4, generator=stream(name))
    return (drawn[..., :-1, :-1] + drawn[..., 1:, 1:] + 0.3 * drawn[..., :-1, 1:]) / 2.3


def covariance(images: torch.Tensor) -> torch.Tensor:
    rows = images.flatten(1).double()
    return (rows - rows.mean(0)).T @ (rows - rows.mean(0)) / len(rows)


@pytest.mark.parametrize("floor", [1e-6, FLOOR, 1.0])
def test_the_covariance_has_the_closed_form(floor: float) -> None:
    """``D / (D + floor mean(D))`` in the directions that it had: one, where the floor is nothing beside them."""
    images = correlated(400)
    before = covariance(images)
    after = covariance(zca(images.split(64), floor)(images))
    ridge = floor * before.diagonal().mean() * torch.eye(len(before))
    torch.testing.assert_close(after, before @ torch.linalg.inv(before + ridge), rtol=1e-4, atol=1e-5)
    if floor == 1e-6:
        torch.testing.assert_close(after, torch.eye(18).double(), rtol=0, atol=1e-3)


def test_it_is_the_symmetric_one_and_its_mean_is_zero() -> None:
    images = correlated(300)
    white = zca(images.split(7), FLOOR)
    assert torch.allclose(white.matrix, white.matrix.T, atol=1e-5)
    torch.testing.assert_close(white(images).mean(0), torch.zeros(2, 3, 3), rtol=0, atol=1e-5)
    assert white(images).shape == images.shape and torch.linalg.eigvalsh(white.matrix.double()).min() > 0


def test_blocks_do_not_matter() -> None:
    """Those of the statistics to the last bits of float64; those of the images not at all."""
    images = correlated(130)
    white = zca(images.split(64), FLOOR)
    torch.testing.assert_close(zca(images.split(9), FLOOR).matrix, white.matrix, rtol=1e-6, atol=1e-7)
    for size in (1, 3, 64, 100):
        assert torch.equal(torch.cat([white(part) for part in images.split(size)]), white(images))


def test_what_can_not_be_whitened() -> None:
    with pytest.raises(InputError, match="images of both halves are all the same"):
        zca([torch.full((20, 3, 2, 2), 0.3)], FLOOR)
    with pytest.raises(InputError, match="1x65x64 are 4160 values an image, and at most 4096 can be whitened"):
        zca([torch.rand(2, 1, 65, 64)], FLOOR)


def source(images: int = 60) -> Source:
    pixels = correlated(images).mul(255).round().to(torch.uint8)
    return Source({"all": Part(pixels, torch.arange(images) % 2)}, ("even", "odd"))


def data(**changes: Any) -> ImageData:
    defaults: dict[str, Any] = {
        "load": source,
        "split": {"train": "all[:20]", "pseudo_test": "all[20:44]", "held_out": "all[44:]"},
        "order": "by_name",
        "order_seed": 0,
        "batch_size": 7,
        "batch_order": "fixed",
        "whiten": FLOOR,
        "seed": 0,
    }
    made = ImageData(**(defaults | changes))
    made.setup()
    return made


def test_both_halves_make_it_and_nothing_that_is_held_out() -> None:
    made, plain = data(), data(whiten=None)
    halves = torch.cat([plain.splits[name].evaluated[0][:] for name in ("train", "pseudo_test")])
    expected = zca(halves.split(64), FLOOR)
    assert plain.whitening is None and made.whitening is not None
    torch.testing.assert_close(made.whitening.matrix, expected.matrix, rtol=1e-5, atol=1e-6)
    for name in made.splits:
        (images, labels), (before, same) = made.splits[name].evaluated, plain.splits[name].evaluated
        torch.testing.assert_close(images, expected(before[:]), rtol=1e-4, atol=1e-5)
        assert torch.equal(labels, same)
    fewer = data(split={"train": "all[:20]", "pseudo_test": "all[20:44]", "held_out": "all[50:]"})
    assert fewer.whitening is not None and torch.equal(fewer.whitening.matrix, made.whitening.matrix)


def test_it_comes_after_the_rest_of_the_preprocessing() -> None:
    prepare = Preparation(preprocess=Preprocessing(2, standardize=True))
    made, plain = data(prepare=prepare), data(prepare=prepare, whiten=None)
    assert made.whitening is not None
    images, before = made.splits["held_out"].evaluated[0], plain.splits["held_out"].evaluated[0]
    assert torch.equal(images[:], made.whitening(before[:]))


def test_images_are_whitened_after_they_are_augmented() -> None:
    prepare = Preparation(preprocess=Preprocessing(augment=augmentation(None, 1.0, 0.0, 0.0, 0.0, 0.0)))
    made, plain = data(prepare=prepare), data(prepare=prepare, whiten=None)
    assert made.whitening is not None
    for (whitened, _), (flipped, _) in zip(*(next(iter(of.batches(lambda: 0))) for of in (made, plain)), strict=True):
        torch.testing.assert_close(whitened, made.whitening(flipped))


@pytest.mark.parametrize("workers", [0, 2])
def test_images_on_a_disk_give_the_same_bits(workers: int, tmp_path: Path) -> None:
    folder = write_noise(tmp_path / "images")

    def made(storage: str, workers: int = 0) -> ImageData:
        load: Callable[[], Source] = partial(image_folder, None, str(folder), str(tmp_path), storage, "error")
        split = {"train": "train[:20]", "pseudo_test": "train[20:36]", "held_out": "test"}
        return data(load=load, split=split, workers=workers, batch_order="reshuffled")

    memory, disk = made("memory"), made("stream", workers)
    for name in memory.splits:
        assert torch.equal(memory.splits[name].evaluated[0][:], disk.splits[name].evaluated[0][:])
    for ours, other in zip(memory.batches(lambda: 3), disk.batches(lambda: 3), strict=True):
        assert all(torch.equal(a, b) for a, b in zip(ours[0] + ours[1], other[0] + other[1], strict=True))


def test_without_it_nothing_changes() -> None:
    images = correlated(5)
    plain = Preprocessing()
    assert plain.evaluated(images) is images
    assert replace(plain, whitening=zca([images], FLOOR)).evaluated(images) is not images
