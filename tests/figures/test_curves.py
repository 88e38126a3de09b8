"""Learning curves are drawn, and told in words."""

from typing import Any

import drawn
import matplotlib.pyplot as plt
import pandas
import pytest
from drawn import xs
from tables import constant, runs, straight, together

from rotelab.figures import curves, style
from rotelab.results.lines import Line

LINE = Line("made up", {"objective": "split", "data.size": 64}, "black", recorded="series")


def made(last: float = 1.0, seeds: tuple[int, ...] = (0, 1), **more: Any) -> pandas.DataFrame:
    accuracies = {"accuracy/train": straight(last, 10), "accuracy/pseudo_test": straight(last / 2, 10)}
    return runs(LINE.where, accuracies | more, seeds=seeds)


def of(value: float, epochs: int = 11, split: str = "train") -> pandas.DataFrame:
    """A record of one straight line."""
    rows = [("series", split, epoch, value) for epoch in range(epochs)]
    return pandas.DataFrame(rows, columns=["series", "split", "epoch", "accuracy"])


def test_the_summary_counts_the_seeds_that_got_there() -> None:
    fast = runs(LINE.where, {"accuracy/train": straight(1.0, 10)}, seeds=(0,))
    slow = runs(LINE.where, {"accuracy/train": straight(0.4, 10)}, seeds=(1,))
    text = curves.summary(together(fast, slow), [LINE])
    assert text.startswith("made up: train 0.400 to 1.000 after 10 epochs; 0.3 after 6 epochs, 22 steps; 0.5 after 5")
    assert text.count("(1 of 2 seeds)") == 4


def test_the_distance_is_of_honest_accuracy_where_nothing_else_was_measured() -> None:
    text = curves.distances(runs(LINE.where, {"accuracy/train": constant(0.5)}), [LINE], of(0.3))
    assert text.startswith("made up")
    assert text.endswith("at most 0.200 from series (not like for like)")


def test_the_distance_is_like_for_like_where_it_was_measured() -> None:
    both = {"accuracy/train": constant(0.5), "legacy_accuracy/train": constant(0.35)}
    text = curves.distances(runs(LINE.where, both), [LINE], of(0.3))
    assert text.endswith("at most 0.050 from series (measured like it)")


@pytest.mark.parametrize(
    ("more", "far", "words"), [(0, 0.2, "honest both"), (1, 0.05, "measured like it"), (2, 0.2, "not like for like")]
)
def test_the_distance_is_of_the_accuracy_that_was_recorded(more: int, far: float, words: str) -> None:
    both = {"accuracy/train": constant(0.5), "legacy_accuracy/train": constant(0.35)}
    record = of(0.3).assign(batches_trained_inferred=10, batches_evaluated=10 + more)
    text = curves.distances(runs(LINE.where, both), [LINE], record)
    assert text.endswith(f"at most {far:.3f} from series ({words})")


def test_the_distance_of_a_gap() -> None:
    measured = {
        "accuracy/train": constant(0.9),
        "accuracy/pseudo_test": constant(0.1),
        "legacy_accuracy/train": constant(0.8),
        "legacy_accuracy/pseudo_test": constant(0.2),
    }
    record = together(of(0.5), of(0.0, split="test"))
    gap = Line("made up", LINE.where, "black", "gap", recorded="series")
    assert "at most 0.100 from series (measured like it)" in curves.distances(runs(LINE.where, measured), [gap], record)
    honest = {name: curve for name, curve in measured.items() if name.startswith("accuracy")}
    assert "at most 0.300 from series (not like for like)" in curves.distances(runs(LINE.where, honest), [gap], record)


@pytest.mark.parametrize("recorded", [None, "another series"])
def test_no_distance_from_what_was_not_recorded(recorded: str | None) -> None:
    line = Line("made up", LINE.where, "black", recorded=recorded)
    assert curves.distances(made(), [line], of(0.3)) == ""


@pytest.mark.parametrize(("x", "per_epoch"), [("epoch", 1), ("step", 4)])
def test_the_record_is_drawn_over_the_same_unit(x: str, per_epoch: int) -> None:
    figure, panel = plt.subplots()
    curves.draw(panel, made(), [LINE], of(0.3, epochs=3), x)
    *_, recorded = drawn.curves(panel)
    assert xs(recorded).tolist() == [0, per_epoch, 2 * per_epoch]
    assert recorded.is_dashed()
    assert len(panel.collections) == 1  # the band
    plt.close(figure)


def test_without_a_record_mean_band_and_runs_are_drawn() -> None:
    figure, panel = plt.subplots()
    curves.draw(panel, made(seeds=(0, 1, 2)), [LINE])
    assert len(drawn.curves(panel)) == 3 + 1
    assert panel.get_xlabel() == "epochs"
    plt.close(figure)


@pytest.mark.parametrize("dead", [0, 1, 2])
def test_dead_runs_end_with_a_cross_and_are_counted(dead: int) -> None:
    table = made(seeds=(0, 1, 2))
    table.loc[table.seed < dead, "dead_since"] = 3
    figure, panel = plt.subplots()
    curves.draw(panel, table, [LINE])
    crosses = [x for line in panel.lines if line.get_marker() == "x" for x in xs(line)]
    assert crosses == [table.epoch.max()] * dead
    note = style.seeds_note(table)
    assert note[0] == "3 seeds"
    assert any(f"{dead} of 3 runs died" in item for item in note) == (dead > 0)
    plt.close(figure)
