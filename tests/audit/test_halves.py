"""Halves of a set: disjoint, of one size, with equal shares of the classes, and pairs of one class."""

import pytest
import torch

from rotelab.audit.halves import paired, swapped
from rotelab.randomness import stream

LABELS = torch.tensor([0] * 31 + [1] * 12 + [2] * 7 + [4])


@pytest.mark.parametrize("count", [50, 51])
def test_halves_are_of_one_size_and_share_an_image_only_where_they_have_to(count: int) -> None:
    labels = LABELS[-count:]
    first, second = swapped(labels, stream("test"))
    assert len(first) == len(second) == (count + 1) // 2
    assert set(first.tolist()) | set(second.tolist()) == set(range(count))
    assert len(set(first.tolist()) & set(second.tolist())) == count % 2
    counts = [torch.bincount(labels[half], minlength=5) for half in (first, second)]
    assert (counts[0] - counts[1]).abs().max() <= 1


def test_pairs_are_of_one_class_and_no_image_is_in_two() -> None:
    first, second = paired(LABELS, 1000, stream("test"))
    assert (LABELS[first] == LABELS[second]).all()
    assert len({*first.tolist(), *second.tolist()}) == 2 * len(first)
    assert torch.bincount(LABELS[first], minlength=5).tolist() == [15, 6, 3, 0, 0]
    few, others = paired(LABELS, 10, stream("test"))
    assert len(few) == len(others) == 10
