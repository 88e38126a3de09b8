"""The picture of a single run, beside its result."""

from pathlib import Path
from typing import Any

import pandas
import pytest
from drawn import label, xs, ys
from finished import write_finished
from tables import constant, runs, straight

from rotelab.figures import run

CURVES = {
    f"{metric}/{split}": straight(0.5, 10)
    for metric in ("accuracy", "loss")
    for split in ("train", "pseudo_test", "held_out")
}


def table(curves: dict, **changes: Any) -> pandas.DataFrame:
    return runs({}, curves, seeds=[0]).assign(**changes)


def test_accuracies_and_losses_of_every_split() -> None:
    accuracy, loss = run.draw(table(CURVES)).axes
    for panel in (accuracy, loss):
        assert [label(line) for line in panel.lines] == ["train", "pseudo-test", "held-out"]
        assert [ys(line).max() for line in panel.lines] == [0.5] * 3


def test_corrupted_labels_have_lines_of_their_own() -> None:
    apart = CURVES | {"accuracy/train_clean": constant(0.9), "accuracy/train_corrupted": constant(0.1)}
    accuracy, loss = run.draw(table(apart)).axes
    assert [label(line) for line in accuracy.lines][:3] == ["train", "train-clean", "train-corrupted"]
    assert len(loss.lines) == 3


def test_a_dead_run_ends_with_a_cross() -> None:
    for panel in run.draw(table(CURVES, dead_since=4)).axes:
        crosses = [line for line in panel.lines if line.get_marker() == "x"]
        assert [xs(line).tolist() for line in crosses] == [[10]] * 3


@pytest.mark.parametrize("measured", [{}, {"data.size": 64}])
def test_it_lies_beside_the_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, measured: dict) -> None:
    monkeypatch.setattr("rotelab.results.describe.run", lambda folder: ["a run"])
    write_finished(tmp_path / "split-1", **measured)
    (path,) = run.save(tmp_path / "split-1")
    assert path == tmp_path / "split-1" / "curve.png"
    before = path.read_bytes()
    run.save(tmp_path / "split-1")
    assert path.read_bytes() == before
