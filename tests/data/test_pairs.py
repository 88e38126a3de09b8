"""Pairs of one class: which pseudo-test image stands beside which train image."""

from functools import partial
from typing import Any

import pytest
import torch
from composing import composed
from hypothesis import given
from hypothesis import strategies as st

from rotelab.config import identity, schema
from rotelab.data import splits
from rotelab.data.labels import Corruption, permuted
from rotelab.data.module import ImageData, Preparation
from rotelab.data.pairs import balanced
from rotelab.data.parts import Part, Source
from rotelab.errors import InputError

CLASSES = ("cat", "dog", "fox")


def source(counts: tuple[int, ...] = (20, 20, 20), seed: int = 0) -> Source:
    """Images whose grey level is their number, of classes in an order drawn from ``seed``."""
    labels = torch.arange(3).repeat_interleave(torch.tensor(counts))
    labels = labels[torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))]
    images = torch.arange(len(labels), dtype=torch.uint8).reshape(-1, 1, 1, 1).expand(-1, 1, 2, 2)
    return Source({"all": Part(images, labels)}, CLASSES)


def data(**changes: Any) -> ImageData:
    defaults: dict[str, Any] = {
        "load": source,
        "split": {"train": "all[:16]", "pseudo_test": "all[16:32]", "held_out": "all[32:]"},
        "order": "by_name",
        "order_seed": 0,
        "pairs": "balanced",
        "batch_size": 5,
        "batch_order": "fixed",
        "seed": 0,
    }
    made = ImageData(**(defaults | changes))
    made.setup()
    return made


def numbers(made: ImageData, split: str) -> list[int]:
    images, _ = made.splits[split].evaluated
    return images[:][:, 0, 0, 0].mul(255).round().int().tolist()


def pairs_of(made: ImageData, epoch: int) -> list[tuple[list[int], list[int]]]:
    """The labels of both batches of each step of an epoch."""
    return [(train[1].tolist(), other[1].tolist()) for train, other in made.batches(lambda: epoch)]


@pytest.mark.parametrize("batch_order", ["fixed", "reshuffled"])
def test_every_pair_of_batches_has_the_same_classes(batch_order: str) -> None:
    """Image by image, in every epoch; as ordered they differ."""
    for pairs, alike in (("balanced", True), ("as_ordered", False)):
        epochs = [pairs_of(data(pairs=pairs, batch_order=batch_order), epoch) for epoch in range(3)]
        assert all(train == other for epoch in epochs for train, other in epoch) == alike
        assert (epochs[0] == epochs[1]) == (batch_order == "fixed")


@pytest.mark.parametrize("order", ["by_name", "shuffled"])
def test_splits_share_no_image_and_are_a_function_of_data_and_order_seed(order: str) -> None:
    made, again, other = data(order=order), data(order=order, seed=5), data(order=order, order_seed=1)
    seen = [number for split in made.splits for number in numbers(made, split)]
    assert len(seen) == len(set(seen)) and [len(made.splits[name]) for name in ("train", "pseudo_test")] == [16, 16]
    assert [numbers(made, split) for split in made.splits] == [numbers(again, split) for split in again.splits]
    assert (numbers(made, "pseudo_test") == numbers(other, "pseudo_test")) == (order == "by_name")


def test_the_train_split_is_that_of_pairs_as_ordered() -> None:
    """And nearly all of the others: the first of each class from where the slice begins."""
    made, before = data(), data(pairs="as_ordered")
    assert numbers(made, "train") == numbers(before, "train")
    assert len(set(numbers(made, "pseudo_test")) & set(numbers(before, "pseudo_test"))) >= 12
    assert set(numbers(made, "held_out")) <= set(numbers(before, "held_out"))


def test_a_class_that_runs_out_is_named_with_the_largest_size_that_fits() -> None:
    def of_size(size: int) -> dict[str, str]:
        return {"train": f"all[:{size}]", "pseudo_test": f"all[{size}:{2 * size}]", "held_out": f"all[{2 * size}:]"}

    labels = torch.tensor([0, 2, 1, 2, 0, 2, 1, 2, *([0, 1] * 26)])  # foxes stand in the first places alone
    few = Source({"all": Part(torch.zeros(60, 1, 2, 2, dtype=torch.uint8), labels)}, CLASSES)
    advice = partial(splits.too_large, 25, of_size)
    with pytest.raises(InputError) as error:
        data(load=lambda: few, split=of_size(25), too_large=advice)
    assert str(error.value) == (
        "data.size = 25 is too large: at most 5 fit "
        "(pairs of one class need 4 more images of class 'fox', and 0 are left)"
    )
    data(load=lambda: few, split=of_size(5))
    with pytest.raises(InputError, match="need 3 more images of class 'fox', and 1 are left"):
        data(load=lambda: few, split=of_size(6))


def test_labels_that_were_changed_are_those_that_count() -> None:
    """Of the train split; those of the pseudo-test split have to be the source's."""
    changed = Preparation(relabel=Corruption(permuted, splits=("train",)))
    made = data(prepare=changed)
    assert made.splits["train"].changed.any() and not made.splits["pseudo_test"].changed.any()
    assert torch.equal(made.splits["train"].evaluated[1], made.splits["pseudo_test"].evaluated[1])
    with pytest.raises(InputError, match="needs the pseudo-test split's labels as they are"):
        data(prepare=Preparation(relabel=Corruption(permuted, splits=("train", "pseudo_test"))))


@given(st.lists(st.integers(0, 2), min_size=1, max_size=30), st.lists(st.integers(0, 2), max_size=60))
def test_each_place_is_taken_once_or_a_class_runs_out(wanted: list[int], pool: list[int]) -> None:
    enough = all(pool.count(label) >= wanted.count(label) for label in wanted)
    if not enough:
        with pytest.raises(InputError, match="pairs of one class need"):
            balanced(torch.tensor(wanted), torch.tensor(pool, dtype=torch.int64), CLASSES)
        return
    chosen = balanced(torch.tensor(wanted), torch.tensor(pool), CLASSES).tolist()
    assert len(set(chosen)) == len(chosen) and [pool[place] for place in chosen] == wanted
    for label in set(wanted):
        first = [place for place, found in enumerate(pool) if found == label][: wanted.count(label)]
        assert [place for place in chosen if pool[place] == label] == first


def test_runs_keep_their_names_where_pairs_are_as_ordered() -> None:
    plain, same, other = (
        identity.digest(schema.check(composed(*given)).values)
        for given in ((), ("data.pairs=as_ordered",), ("data.pairs=balanced",))
    )
    assert plain == same != other
    with pytest.raises(InputError, match=r"data.pairs = even is not one of as_ordered, balanced"):
        schema.check(composed("data.pairs=even"))
