"""Corrupted labels: how many change, that classes keep their counts, and that the seed alone decides."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from rotelab.data import labels
from rotelab.data.labels import Corruption, clean, corrupted, permuted
from rotelab.randomness import stream

LABELS = torch.arange(50_000) % 10


def drawn(seed: int = 0) -> torch.Generator:
    return stream("tests", seed)


def changed(made: torch.Tensor) -> float:
    return (made != LABELS).float().mean().item()


def test_clean_is_the_identity() -> None:
    assert clean(LABELS, 10, drawn()) is LABELS


@pytest.mark.parametrize(
    ("fraction", "among", "expected"),
    [(0.5, "all", 0.45), (0.5, "wrong", 0.5), (1.0, "all", 0.9), (1.0, "wrong", 1.0), (0.0, "all", 0.0)],
)
def test_so_many_labels_really_change(fraction: float, among: str, expected: float) -> None:
    assert changed(corrupted(LABELS, 10, drawn(), fraction, among)) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize("among", ["all", "wrong"])
def test_every_class_is_drawn_as_often(among: str) -> None:
    made = corrupted(LABELS, 10, drawn(), 1.0, among)
    assert made.dtype == torch.int64
    joint = torch.zeros(10, 10).index_put_((LABELS, made), torch.ones(50_000), accumulate=True)
    away = joint[~torch.eye(10, dtype=torch.bool)]
    expected = {"all": 500, "wrong": 5000 / 9}[among]
    assert away.mean().item() == pytest.approx(expected, rel=0.01)
    assert (away - expected).abs().max() < 6 * expected**0.5
    assert (joint.diag() == 0).all() == (among == "wrong")


@pytest.mark.parametrize(("fraction", "expected"), [(1.0, 0.9), (0.4, 0.36)])
def test_permuted_labels_keep_their_counts(fraction: float, expected: float) -> None:
    made = permuted(LABELS, 10, drawn(), fraction)
    assert made.bincount().tolist() == [5000] * 10
    assert changed(made) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("function", [corrupted, permuted])
def test_the_generator_decides(function: Callable[..., Any]) -> None:
    before, state = LABELS.clone(), torch.get_rng_state()
    once = function(LABELS, 10, drawn(), 0.5)
    assert torch.equal(function(LABELS, 10, drawn(), 0.5), once)
    assert not torch.equal(function(LABELS, 10, drawn(1), 0.5), once)
    assert torch.equal(LABELS, before)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("function", [corrupted, permuted])
@pytest.mark.parametrize("fraction", [-0.1, 1.1, float("nan")])
def test_refuses_a_fraction(function: Callable[..., Any], fraction: float) -> None:
    with pytest.raises(ValueError, match=f"fraction = {fraction} is not in"):
        function(LABELS, 10, drawn(), fraction)


def test_refuses_a_word() -> None:
    with pytest.raises(ValueError, match="among = 'none'"):
        corrupted(LABELS, 10, drawn(), 0.5, "none")


def test_a_corruption_touches_its_splits_only_each_with_its_own_numbers() -> None:
    relabel = Corruption(labels.permuted, 0, ("train", "held_out"))
    assert relabel(LABELS, 10, "pseudo_test") is LABELS
    made = [relabel(LABELS, 10, *names) for names in (("train",), ("held_out",), ("train", "beyond"))]
    assert torch.equal(relabel(LABELS, 10, "train"), made[0])
    assert all(not torch.equal(a, b) for a, b in zip(made, made[1:] + made[:1], strict=True))
    assert not torch.equal(Corruption(labels.permuted, 1, ("train",))(LABELS, 10, "train"), made[0])
