"""The class that is predicted most, and its excess."""

from pathlib import Path

import pandas
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from runs import recipe, trained, vector

from rotelab.measures.winner import Winner, excess, winner

LABELS = st.lists(st.integers(0, 3), min_size=1, max_size=30)


@given(LABELS, LABELS)
def test_the_excess_is_a_difference_of_frequencies(train: list[int], other: list[int]) -> None:
    found = excess(torch.tensor(train), torch.tensor(other), 4)
    assert found.sum().item() == pytest.approx(0, abs=1e-6)
    for label in range(4):
        assert found[label].item() == pytest.approx(train.count(label) / len(train) - other.count(label) / len(other))


@pytest.mark.parametrize(
    ("predicted", "expected"),
    [([1, 1, 1, 1], (1.0, -0.5, 3)), ([0, 0, 0, 2], (0.75, 0.5, 1)), ([2, 2, 1, 0], (0.5, 0.0, 2))],
)
def test_the_winner_is_what_most_images_are_predicted_as(
    predicted: list[int], expected: tuple[float, float, int]
) -> None:
    """Class 0 has more to learn than to unlearn, class 1 less."""
    more = excess(torch.tensor([0, 0, 0, 2]), torch.tensor([0, 1, 1, 2]), 3)
    assert tuple(value.item() for value in winner(torch.tensor(predicted), more)) == expected


def test_measuring_changes_nothing_and_happens_at_every_epoch(tmp_path: Path) -> None:
    plain = trained(recipe(), tmp_path)
    looked = trained(recipe(measures=[Winner()]), tmp_path)
    assert torch.equal(vector(plain.network), vector(looked.network))
    table = pandas.read_csv(tmp_path / "curve.csv")
    for name in ("winner_share", "winner_excess", "winner_rank"):
        assert table[table.metric == name].epoch.tolist() == [0, 1, 2, 3, 4]
