"""Sizes that fit what there is, and are used as they are."""

from typing import Any

import pytest
import torch
from toy import AS_IT_IS

from rotelab.data.module import ImageData
from rotelab.data.parts import Part, Source
from rotelab.data.sizes import batch_of, largest
from rotelab.errors import InputError


def source(**counts: list[int]) -> Source:
    """So many images of each class, by part."""
    parts = {}
    for name, of in counts.items():
        labels = torch.arange(len(of)).repeat_interleave(torch.tensor(of))
        parts[name] = Part(torch.zeros(len(labels), 1, 2, 2, dtype=torch.uint8), labels)
    return Source(parts, tuple("abcdefghij"[: len(next(iter(counts.values())))]))


@pytest.mark.parametrize(
    ("made", "size", "batch"),
    [
        (source(all=[40, 40, 40]), 48, 8),
        (source(train=[40, 40, 40]), 48, 8),
        (source(train=[500] * 10, test=[100] * 10), 2500, 128),
        (source(train=[2_100] * 5, test=[10] * 5), 5250, 512),
        (source(all=[8, 8]), 6, 6),
    ],
)
@pytest.mark.parametrize("pairs", ["as_ordered", "balanced"])
def test_the_largest_sizes_work_and_no_larger_ones_do(made: Source, size: int, batch: int, pairs: str) -> None:
    found = largest(made, 0, pairs)
    assert found.size <= size if pairs == "balanced" else found == (size, batch)

    def data(size: int) -> ImageData:
        split = {"train": f"train[:{size}]", "pseudo_test": f"train[{size}:{2 * size}]", "held_out": "test"}
        options: dict[str, Any] = AS_IT_IS | {"order": "shuffled", "pairs": pairs}
        return ImageData(lambda: made, split, batch_size=found.batch_size, **options)

    data(found.size).setup()
    with pytest.raises(InputError):
        data(found.size + 1).setup()


def test_too_few_images() -> None:
    with pytest.raises(InputError, match=r"^2 train images are too few for two halves$"):
        largest(source(all=[2, 2]))


def test_batches_are_powers_of_two() -> None:
    assert [batch_of(size) for size in (5, 60, 100, 640, 1000, 10**6)] == [5, 8, 8, 64, 64, 512]
