"""Streams depend on their names alone."""

import pytest
import torch

from rotelab.randomness import stream


def draws(*names: int | str) -> list[float]:
    return torch.rand(8, generator=stream(*names)).tolist()


def test_same_names_same_numbers() -> None:
    assert draws("noise", 3, "train") == draws("noise", 3, "train")


@pytest.mark.parametrize(
    "other", [("noise", 4, "train"), ("noise", 3, "test"), ("order", 3, "train"), ("noise", "3", "train"), ("noise", 3)]
)
def test_different_names_different_numbers(other: tuple[int | str, ...]) -> None:
    assert draws("noise", 3, "train") != draws(*other)


def test_names_are_not_run_together() -> None:
    assert len({tuple(draws(*names)) for names in [("a", "b"), ("ab",), ("a/b",), ("a'/'b",), ("b", "a")]}) == 5


def test_streams_and_the_global_state_leave_each_other_alone() -> None:
    torch.manual_seed(0)
    expected, before = draws("noise"), torch.get_rng_state()
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(1)
    assert draws("noise") == expected


def test_seed_is_pinned() -> None:
    # another one would change the noise and the order of every experiment ever run
    assert stream("inputs", 0, "train").initial_seed() == 6810861770347316174
