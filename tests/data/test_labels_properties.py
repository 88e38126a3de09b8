"""Corrupted labels: how many change, which, and that nothing but the generator decides."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from rotelab.data.labels import Corruption, clean, corrupted, permuted
from rotelab.data.splits import NAMES
from rotelab.randomness import stream

FRACTIONS = st.floats(0, 1) | st.sampled_from([0.0, 0.5, 1.0])
AMONG = st.sampled_from(["all", "wrong"])
SEEDS = st.integers(0, 99)


@st.composite
def labelled(draw: st.DrawFn) -> tuple[Tensor, int]:
    """Labels, and of how many classes."""
    classes = draw(st.integers(2, 12))
    return torch.tensor(draw(st.lists(st.integers(0, classes - 1), min_size=1, max_size=60))), classes


def chosen(labels: Tensor, seed: int, fraction: float) -> Tensor:
    """Which images a generator of that seed chooses: the first that it draws."""
    return torch.rand(labels.shape, generator=stream(seed)) < fraction


@given(labelled(), FRACTIONS, AMONG, SEEDS)
def test_labels_are_classes_and_those_that_are_not_chosen_stay(
    given: tuple[Tensor, int], fraction: float, among: str, seed: int
) -> None:
    labels, classes = given
    made = corrupted(labels, classes, stream(seed), fraction, among)
    assert ((made >= 0) & (made < classes)).all()
    changed, picked = made != labels, chosen(labels, seed, fraction)
    assert not (changed & ~picked).any()
    if among == "wrong":
        assert torch.equal(changed, picked), "exactly so many change as are chosen"


@given(labelled(), FRACTIONS, FRACTIONS, SEEDS)
def test_what_changes_at_a_fraction_changes_at_a_larger_one(
    given: tuple[Tensor, int], a: float, b: float, seed: int
) -> None:
    labels, classes = given
    few, many = (corrupted(labels, classes, stream(seed), fraction, "wrong") for fraction in sorted([a, b]))
    assert torch.equal(few[few != labels], many[few != labels])


@given(labelled(), FRACTIONS, SEEDS)
def test_permuted_labels_keep_the_count_of_every_class(given: tuple[Tensor, int], fraction: float, seed: int) -> None:
    labels, classes = given
    made = permuted(labels, classes, stream(seed), fraction)
    assert torch.equal(made.sort().values, labels.sort().values)
    assert not ((made != labels) & ~chosen(labels, seed, fraction)).any()


@given(labelled(), SEEDS)
def test_a_fraction_of_nothing_is_nothing_and_of_one_is_all(given: tuple[Tensor, int], seed: int) -> None:
    labels, classes = given
    assert torch.equal(clean(labels, classes, stream(seed)), labels)
    assert torch.equal(permuted(labels, classes, stream(seed), 0.0), labels)
    assert torch.equal(corrupted(labels, classes, stream(seed), 0.0), labels)
    assert (corrupted(labels, classes, stream(seed), 1.0, "wrong") != labels).all()


@pytest.mark.parametrize("function", [clean, corrupted, permuted])
@given(given=labelled(), seed=SEEDS, split=st.sampled_from(NAMES), touched=st.sets(st.sampled_from(NAMES)))
def test_a_split_draws_for_itself_whatever_the_others_do(
    function: Callable[..., Tensor], given: tuple[Tensor, int], seed: int, split: str, touched: set[str]
) -> None:
    labels, classes = given
    options: dict[str, Any] = {} if function is clean else {"fraction": 0.5}
    alone = Corruption(partial(function, **options), seed, (split,))
    among = Corruption(partial(function, **options), seed, sorted(touched))
    for other in NAMES:
        found = among(labels, classes, other)
        if other not in touched:
            assert found is labels
        elif other == split:
            assert torch.equal(found, alone(labels, classes, split))
