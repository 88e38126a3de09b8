"""Points from the digits and from an image folder: how many, in which range, and the same for the same seed."""

from pathlib import Path

import pytest
import torch
from PIL import Image

from rotelab.data import sources
from rotelab.errors import InputError
from rotelab.exact import images


def folder(root: Path, parts: tuple[str, ...] = ("train", "test")) -> str:
    """Three 4x4 images a class and part, grey levels 10, 11, 12 and 100, 101, 102, one more in the test part."""
    for part in parts:
        for kind, level in (("a", 10), ("b", 100)):
            (root / part / kind).mkdir(parents=True)
            for number in range(3):
                grey = level + number + (part == "test")
                Image.new("RGB", (4, 4), (grey, grey, grey)).save(root / part / kind / f"{number}.png")
    return str(root)


def test_the_digits_are_shuffled_and_split() -> None:
    found = images.load(0, None, None, None, None)
    assert found.train.shape == (1200, 64)
    assert found.test.shape == (597, 64)
    assert (found.train.min(), found.train.max()) == (0, 1)
    assert found.name == "digits"
    digits = sources.digits(None).parts["all"].images
    assert isinstance(digits, torch.Tensor)
    every = digits.flatten(1).double() / 255
    both = torch.cat([found.train, found.test])
    assert torch.equal(both.sum(1).sort().values, every.sum(1).sort().values)  # each of them once
    assert not torch.equal(found.train, every[:1200])


def test_a_seed_draws_the_same_images_and_fewer_are_the_first_of_them() -> None:
    few, more, other = (images.load(seed, None, None, train, 5) for seed, train in ((1, 10), (1, 20), (2, 10)))
    assert torch.equal(few.train, more.train[:10])
    assert torch.equal(few.train_labels, more.train_labels[:10])
    assert torch.equal(few.test, more.test)
    assert not torch.equal(few.train, other.train)


def test_a_folder_keeps_its_parts_and_labels(tmp_path: Path) -> None:
    found = images.load(0, folder(tmp_path / "greys"), None, None, 4)
    assert found.name == "greys"
    assert (found.train.shape, found.test.shape, found.shape) == ((6, 48), (4, 48), (3, 4, 4))
    levels = (found.train[:, 0] * 255).round().int()
    assert sorted(levels.tolist()) == [10, 11, 12, 100, 101, 102]
    assert torch.equal(found.train_labels, (levels > 50).long())
    assert torch.equal(found.test_labels, (found.test[:, 0] * 255 > 50).long())
    assert set((found.test[:, 0] * 255).round().int().tolist()) <= {11, 12, 13, 101, 102, 103}
    assert images.load(0, str(tmp_path / "greys"), 2, 1, 1).shape == (3, 2, 2)


def test_stacked_images_have_their_own_shape() -> None:
    found = images.load(0, None, None, 3, 2)
    assert found.stacked("test").shape == (2, 1, 8, 8)
    assert torch.equal(found.stacked("train")[1].flatten(), found.train[1])


def test_a_folder_without_a_test_part_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no test: expected"):
        images.load(0, folder(tmp_path, ("train",)), None, 1, 1)
