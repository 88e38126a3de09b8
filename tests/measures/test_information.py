"""Information: numbers worked out by hand, and what holds of all predictions."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from rotelab.measures.information import conditional_mutual_information, explained, mutual_information

F = torch.tensor([0, 0, 1, 1, 0, 1, 1, 0, 1, 0])
L = torch.tensor([0, 0, 1, 1, 0, 1, 0, 0, 1, 1])
Y = torch.tensor([0, 0, 1, 1, 0, 1, 1, 1, 0, 0])


@st.composite
def predictions(draw: st.DrawFn) -> tuple[Tensor, Tensor, Tensor]:
    """Of so many images by two networks, and labels."""
    count = draw(st.integers(1, 40))
    drawn = (draw(st.lists(st.integers(0, 3), min_size=count, max_size=count)) for _ in range(3))
    one, other, labels = (torch.tensor(values) for values in drawn)
    return one, other, labels


def test_against_numbers_worked_out_by_hand() -> None:
    assert mutual_information(F, Y) == pytest.approx(0.2780719, abs=1e-6)
    assert mutual_information(L, Y) == pytest.approx(0.02904941, abs=1e-6)
    assert conditional_mutual_information(F, Y, L) == pytest.approx(0.3219281, abs=1e-6)
    assert explained(F, Y, L) == pytest.approx(-0.04385619, abs=1e-6)


def test_a_coin_that_is_known_is_a_bit() -> None:
    coin = torch.tensor([0, 1, 0, 1])
    assert mutual_information(coin, 1 - coin) == pytest.approx(1)
    assert mutual_information(coin, torch.tensor([0, 0, 1, 1])) == 0


def test_two_coins_together_tell_what_neither_tells() -> None:
    """Exclusive or: nothing is explained, and a bit is known under the condition."""
    one, other = torch.tensor([0, 0, 1, 1]), torch.tensor([0, 1, 0, 1])
    assert mutual_information(one, one ^ other) == 0
    assert conditional_mutual_information(one, one ^ other, other) == pytest.approx(1)
    assert explained(one, one ^ other, other) == pytest.approx(-1)


@settings(max_examples=20)
@given(predictions())
def test_what_holds_of_all(drawn: tuple[Tensor, Tensor, Tensor]) -> None:
    one, other, labels = drawn
    known = mutual_information(one, labels)
    assert known == pytest.approx(mutual_information(labels, one), abs=1e-9)
    assert explained(one, labels, one) == pytest.approx(known, abs=1e-9)
    assert explained(one, labels, torch.zeros_like(one)) == pytest.approx(0, abs=1e-9)
    assert explained(one, labels, other) == pytest.approx(explained(other, labels, one), abs=1e-9)
    assert explained(one, labels, other) <= min(known, mutual_information(other, labels)) + 1e-9


@settings(max_examples=20)
@given(predictions())
def test_the_chain_rule_is_the_mean_over_conditions(drawn: tuple[Tensor, Tensor, Tensor]) -> None:
    one, given_, labels = drawn
    parts = [
        float((given_ == value).double().mean()) * mutual_information(one[given_ == value], labels[given_ == value])
        for value in given_.unique()
    ]
    assert conditional_mutual_information(one, labels, given_) == pytest.approx(sum(parts), abs=1e-9)


def test_no_image_is_refused() -> None:
    none = torch.tensor([], dtype=torch.int64)
    with pytest.raises(ValueError, match="needs an image"):
        mutual_information(none, none)
