"""Batches: slices in order, reshuffled passes, splits of unequal size."""

import pytest
import torch

from rotelab.data.batches import Batches, Passes

SEED = ("batches", 0, "train")


def passes(images: int, batch_size: int, seed: tuple[int | str, ...] | None = None) -> Passes:
    """A split whose labels count its images."""
    return Passes((torch.arange(images).float().reshape(-1, 1, 1, 1), torch.arange(images)), batch_size, seed)


def labels(of: Passes, *batches: int) -> list[list[int]]:
    return [of.batch(t)[1].tolist() for t in batches]


def flat(batches: list[list[int]]) -> list[int]:
    return [number for batch in batches for number in batch]


def pairs(batches: Batches) -> list[tuple[list[int], list[int]]]:
    return [(train[1].tolist(), pseudo_test[1].tolist()) for train, pseudo_test in batches]


@pytest.mark.parametrize(
    ("images", "batch_size", "number"), [(10, 5, 2), (10, 4, 3), (10, 10, 1), (10, 99, 1), (1, 1, 1)]
)
def test_number_of_batches(images: int, batch_size: int, number: int) -> None:
    assert len(passes(images, batch_size)) == number


def test_fixed_order_repeats_and_the_last_batch_is_smaller() -> None:
    assert labels(passes(7, 3), 0, 1, 2, 3, 5) == [[0, 1, 2], [3, 4, 5], [6], [0, 1, 2], [6]]


def test_a_batch_larger_than_the_split_is_the_split() -> None:
    assert labels(passes(3, 99), 0, 1) == [[0, 1, 2], [0, 1, 2]]


def test_fixed_batches_are_not_copies() -> None:
    split = passes(7, 3)
    for t in range(3):
        images, numbers = split.batch(t)
        assert images.data_ptr() == split.images[3 * t :].data_ptr()
        assert numbers.data_ptr() == split.labels[3 * t :].data_ptr()


@pytest.mark.parametrize("seed", [None, SEED])
def test_images_keep_their_labels(seed: tuple[int | str, ...] | None) -> None:
    for t in range(6):
        images, numbers = passes(7, 3, seed).batch(t)
        assert images.flatten().tolist() == numbers.tolist()


def test_every_reshuffled_pass_covers_the_split_in_an_order_of_its_own() -> None:
    split = passes(20, 6, SEED)
    orders = [flat(labels(split, *range(4 * epoch, 4 * epoch + 4))) for epoch in range(3)]
    assert all(sorted(order) == list(range(20)) for order in orders)
    assert len({tuple(order) for order in [*orders, list(range(20))]}) == 4
    assert [len(batch) for batch in labels(split, 0, 1, 2, 3)] == [6, 6, 6, 2]


def test_a_reshuffled_order_is_a_function_of_seed_and_pass() -> None:
    visited = passes(20, 6, SEED)
    in_turn = labels(visited, *range(12))
    assert [labels(passes(20, 6, SEED), t)[0] for t in range(12)] == in_turn
    assert labels(visited, *reversed(range(12))) == in_turn[::-1]
    assert labels(passes(20, 6, ("batches", 1, "train")), *range(12)) != in_turn


@pytest.mark.parametrize(
    ("pseudo_test", "expected"),
    [
        (4, [[0, 1], [2, 3], [0, 1], [2, 3], [0, 1], [2, 3]]),
        (2, [[0, 1]] * 6),
        (9, [[0, 1], [2, 3], [4, 5], [6, 7], [8], [0, 1]]),
    ],
)
def test_the_smaller_or_larger_split_goes_on_where_it_was(pseudo_test: int, expected: list[list[int]]) -> None:
    epoch = 0
    batches = Batches(passes(5, 2), passes(pseudo_test, 2), lambda: epoch)
    assert len(batches) == 3
    first = pairs(batches)
    epoch = 1  # asked for when an epoch begins
    seen = [*first, *pairs(batches)]
    assert [train for train, _ in seen] == [[0, 1], [2, 3], [4]] * 2
    assert [other for _, other in seen] == expected
