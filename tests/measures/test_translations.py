"""Accuracy on images that are moved: by hand, and at the end of a run, which it doesn't change."""

from functools import partial
from pathlib import Path

import pandas
import pytest
import torch
from jaxtyping import Float
from runs import recipe, trained, vector
from torch import Tensor, nn

from rotelab.measures.translations import Translations, translated_accuracy
from rotelab.models.mlp import mlp


class Column(nn.Module):
    """The class is the column of the brightest pixel."""

    def forward(self, images: Float[Tensor, "image 1 height width"]) -> Float[Tensor, "image width"]:
        return images.amax((1, 2))


def dots(*places: tuple[int, int]) -> Tensor:
    images = torch.zeros(len(places), 1, 6, 6)
    for image, (row, column) in enumerate(places):
        images[image, 0, row, column] = 1
    return images


def test_half_of_the_directions_keep_the_column() -> None:
    labels = torch.tensor([2, 3])
    assert translated_accuracy(Column(), dots((2, 2), (3, 3)), labels, 1) == 0.5
    assert translated_accuracy(Column(), dots((2, 2), (3, 3)), labels + 1, 1) == 0.25  # those to the right


def test_a_run_measures_at_its_end_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "unmeasured").mkdir()
    network = partial(mlp, widths=[8])
    outcome = trained(recipe(network=network, measures=[Translations(5, [1, 3])]), tmp_path)
    other = trained(recipe(network=network), tmp_path / "unmeasured")
    assert torch.equal(vector(outcome.network), vector(other.network))
    curve = pandas.read_csv(tmp_path / "curve.csv")
    for pixels in (1, 3):
        of = curve[curve.metric == f"accuracy_moved_{pixels}"]
        assert set(of.epoch) == {outcome.epochs} and set(of.split) == {"held_out"}
        assert of.value.item() == outcome.metrics[f"accuracy_moved_{pixels}/held_out"]
        assert (20 * of.value.item()) % 1 == pytest.approx(0, abs=1e-5)  # of the first five, in four directions
