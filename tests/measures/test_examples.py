"""Every example's loss and margin: by hand, alone and in a stack, over a stop, and in a file beside the result."""

from collections.abc import Sequence
from pathlib import Path

import numpy
import pandas
import pytest
import torch
from kept import job, trained, trained_together
from runs import finished, recipe, vector
from runs import trained as trained_alone

import rotelab
from rotelab.errors import InputError, RunError
from rotelab.measures.examples import Examples, losses, margins
from rotelab.objectives import Split, Standard
from rotelab.results import files
from rotelab.results.arrays import ARRAYS
from rotelab.sweeps.job import train
from rotelab.training.recipe import Outcome
from rotelab.training.stacks.fit import fit_together

SPLITS = ("train", "held_out")


def test_margins_and_losses_by_hand() -> None:
    outputs, labels = torch.tensor([[2.0, 1.0, -1.0], [0.0, 0.5, 3.0], [1.0, 1.0, 0.0]]), torch.tensor([0, 1, 0])
    assert margins(outputs, labels).tolist() == [1.0, -2.5, 0.0]
    expected = [-(row.softmax(0)[label]).log().item() for row, label in zip(outputs, labels, strict=True)]
    assert losses(outputs, labels).tolist() == pytest.approx(expected)


def checked(outcome: Outcome, curve: pandas.DataFrame) -> None:
    """Their means are the losses of the curve, and the shares above 0 its accuracies."""
    for split in SPLITS:
        loss, margin, label = (outcome.arrays[f"examples/{split}/{name}"] for name in ("loss", "margin", "label"))
        assert loss.dtype == margin.dtype == numpy.float32 and loss.shape == margin.shape == (5, len(label))
        of_split = curve[curve.split == split].pivot(index="epoch", columns="metric", values="value")
        assert loss.mean(1).tolist() == pytest.approx(of_split.loss.tolist(), abs=1e-5)
        assert (margin > 0).mean(1).tolist() == pytest.approx(of_split.accuracy.tolist(), abs=1e-6)
    assert not [name for name in outcome.arrays if "pseudo_test" in name]


def test_alone(tmp_path: Path) -> None:
    looked = trained_alone(recipe(measures=[Examples(SPLITS)]), tmp_path)
    checked(looked, pandas.read_csv(tmp_path / "curve.csv"))
    assert torch.equal(vector(looked.network), vector(trained_alone(recipe(), tmp_path).network))


def test_together(tmp_path: Path) -> None:
    recipes = [recipe(objective=of, measures=[Examples(SPLITS)]) for of in (Split(), Standard())]
    curves: Sequence[Path] = [tmp_path / f"{i}.csv" for i in range(2)]
    ends: dict[int, Outcome | RunError] = {}
    fit_together(recipes, curves, [()] * 2, ends.__setitem__)
    for outcome, curve in zip(finished([ends[0], ends[1]]), curves, strict=True):
        checked(outcome, pandas.read_csv(curve))


@pytest.mark.parametrize("stacked", [False, True])
def test_the_file_beside_the_result(stacked: bool, tmp_path: Path) -> None:
    options = [("measure=examples", "model.widths=[8]", f"seed={seed}") for seed in range(2)]
    folders = trained_together(tmp_path, options) if stacked else [trained(tmp_path, *of) for of in options]
    for folder in folders:
        found = rotelab.load_arrays(folder)
        curve = rotelab.load_sweep(tmp_path).query(f"run == '{folder.name}'")
        last = curve[(curve.metric == "loss") & (curve.split == "train")].value.iloc[-1]
        assert found["examples/train/loss"][-1].mean() == pytest.approx(last, abs=1e-5)


def test_a_twin_is_copied_with_its_arrays(tmp_path: Path) -> None:
    first = trained(tmp_path / "first", "measure=examples", "model.widths=[8]")
    second = job(tmp_path / "second", "measure=examples", "model.widths=[8]")
    assert "copied" in train(second).line
    assert (second.folder / ARRAYS).read_bytes() == (first / ARRAYS).read_bytes()


def test_a_run_that_starts_anew_leaves_none_of_before(tmp_path: Path) -> None:
    made = job(tmp_path, "model.widths=[8]")
    made.folder.mkdir()
    (made.folder / ARRAYS).write_bytes(b"of before")
    assert train(made).error is None
    assert (made.folder / files.RESULT).exists() and not (made.folder / ARRAYS).exists()
    with pytest.raises(InputError, match=r"holds no arrays.npz: a run leaves it where it is trained with measure=exam"):
        rotelab.load_arrays(made.folder)
    (made.folder / ARRAYS).write_bytes(b"damaged")
    with pytest.raises(InputError, match=r"arrays.npz can't be read"):
        rotelab.load_arrays(made.folder)
