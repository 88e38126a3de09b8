"""A split is ready where a batch is a slice of what is evaluated; in memory and on a disk it is the same otherwise."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from rotelab.data.preprocessing import Preprocessing
from rotelab.data.split import InMemory, OnDisk
from rotelab.data.streaming import Lazy

CPU = torch.device("cpu")
IMAGES = torch.arange(6.0).reshape(6, 1, 1, 1).expand(6, 3, 4, 4)
LABELS = torch.tensor([0, 1, 0, 1, 0, 1])


def flipped(images: Tensor) -> Tensor:
    return images.flip(-1)


@pytest.mark.parametrize("augment", [None, flipped])
@pytest.mark.parametrize("crop", [None, 2])
def test_both_storages_hold_the_same(augment: Callable[[Tensor], Tensor] | None, crop: int | None) -> None:
    lazy, preprocess = Lazy(IMAGES.__getitem__, 6), Preprocessing(crop=crop, augment=augment)
    changed = torch.tensor([False, True, False, False, False, True])
    memory = InMemory(preprocess, CPU).split(lazy, LABELS, changed)
    disk = OnDisk(preprocess, CPU, 0).split(lazy, LABELS, changed)
    for a, b in ((memory.evaluated, disk.evaluated), (memory.trained, disk.trained)):
        assert torch.equal(a[1], b[1])
        if a is not memory.trained or augment:  # else what is trained on is evaluated already
            assert torch.equal(a[0][:], b[0][:])
    assert (memory.ready, disk.ready) == (augment is None, False)
    assert (memory.streamed, disk.streamed, len(memory), len(disk)) == (False, True, 6, 6)
    for split in (memory, disk):
        assert {kind: which.tolist() for kind, which in split.kinds.items()} == {
            "clean": [0, 2, 3, 4],
            "corrupted": [1, 5],
        }


@pytest.mark.parametrize(("changed", "kinds"), [(False, set()), (True, {"corrupted"})])
def test_a_split_of_one_kind_has_no_other(changed: bool, kinds: set[str]) -> None:
    split = InMemory(Preprocessing(), CPU).split(Lazy(IMAGES.__getitem__, 6), LABELS, torch.full((6,), changed))
    assert set(split.kinds) == kinds
