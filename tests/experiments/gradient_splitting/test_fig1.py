"""Figure 1 from made-up tables, with one and with two choices of what is unlearned."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import pandas
import pytest
from drawn import label, words, xs, ys
from matplotlib.axes import Axes
from tables import runs, straight, together

from rotelab.experiments.gradient_splitting import fig1
from rotelab.figures import style
from rotelab.results.lines import LEVELS

EPOCHS = {"standard": 10, "split": 40}
BOTH = {"standard": (0, 1), "split": (0, 1)}
SHARES = {"train": 1.0, "held_out": 0.6, "pseudo_test": 0.5}


def table(
    seeds: Mapping[str, Sequence[int]] = BOTH, last: float = 0.95, kind: str = "thirds", steps: int = 4
) -> pandas.DataFrame:
    """Straight curves to ``last``: plain training in 10 epochs, gradient splitting in 40."""
    tables = []
    for objective, of in seeds.items():
        epochs = EPOCHS[objective]
        accuracies = {f"accuracy/{split}": straight(last * share, epochs) for split, share in SHARES.items()}
        where = {"objective": objective, "data/split": kind}
        tables.append(runs(where, accuracies, range(epochs + 1), steps, of))
    return together(*tables)


def labels(panel: Axes) -> list[str]:
    return words(panel)


def filled(panel: Axes) -> dict[str, dict[float, float]]:
    """Epochs by train accuracy of the lines in the legend of the last panel."""
    named = [line for line in panel.lines if not label(line).startswith("_")]
    return {label(line): dict(zip(xs(line).round(1).tolist(), ys(line).tolist(), strict=True)) for line in named}


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def test_levels_are_read_off_the_train_curves() -> None:
    *_, levels = fig1.draw(table(last=1.0)).axes
    assert filled(levels) == {
        "plain training, Eq. (3)": {0.3: 3, 0.5: 5, 0.7: 7, 0.8: 8, 0.9: 9},
        "gradient splitting, Eq. (1)": {0.3: 12, 0.5: 20, 0.7: 28, 0.8: 32, 0.9: 36},
    }
    assert not levels.texts  # every seed got there


def test_a_level_never_reached_is_not_drawn() -> None:
    *_, levels = fig1.draw(table(last=0.6)).axes
    assert [list(epochs) for epochs in filled(levels).values()] == [[0.3, 0.5]] * 2


def test_a_level_that_not_every_seed_reached_is_hollow_and_says_so() -> None:
    low = table({"split": (1,)}, last=0.6)
    *_, levels = fig1.draw(together(table({"standard": (0, 1), "split": (0,)}), low)).axes
    assert list(filled(levels)["plain training, Eq. (3)"]) == list(LEVELS)
    assert list(filled(levels)["gradient splitting, Eq. (1)"]) == [0.3, 0.5]
    assert [note.get_text() for note in levels.texts] == ["1 of 2"] * 3
    hollow = [line for line in levels.lines if line.get_fillstyle() == "none"]
    assert [ys(line)[0] for line in hollow] == [30, 34, 38]  # of 40 to .95


def test_a_level_that_was_there_before_training_is_not_drawn() -> None:
    runs = table(last=1.0)
    runs = runs.assign(value=runs.value.clip(lower=0.55))
    *_, levels = fig1.draw(runs).axes
    assert [list(epochs) for epochs in filled(levels).values()] == [[0.7, 0.8, 0.9]] * 2
    assert fig1.summary(runs).count("times the epochs") == 3


def test_both_panels_are_drawn() -> None:
    figure = fig1.draw(table())
    accuracies, levels = figure.axes
    assert len(labels(accuracies)) == 6
    assert len(accuracies.collections) == 6  # a band each
    assert accuracies.get_title() == "unlearned: a third of the images"
    (steps,) = levels.child_axes
    assert steps.get_ylabel() == "optimizer steps to reach it"
    figure.canvas.draw()
    at = [axis.transData.transform((0, value))[1] for axis, value in ((levels, 20), (steps, 80))]
    assert at[0] == pytest.approx(at[1])  # 20 epochs of 4 steps


def two(steps: int = 4) -> pandas.DataFrame:
    return together(table(kind="equal_halves", last=0.7), table(kind="test_set", steps=steps))


def test_two_choices_of_what_is_unlearned_stand_side_by_side() -> None:
    halves, test_set, levels = fig1.draw(two()).axes
    assert halves.get_title() == "unlearned: more of the training set; held out: the test set"
    assert test_set.get_title() == "unlearned: the test set"
    assert [max(ys(line).max() for line in panel.lines) for panel in (halves, test_set)] == [0.7, 0.95]
    found = filled(levels)
    assert list(found) == [
        f"{name}, unlearned: {what}"
        for what in ("more of the training set", "the test set")
        for name in ("plain training, Eq. (3)", "gradient splitting, Eq. (1)")
    ]
    assert [len(epochs) for epochs in found.values()] == [3, 3, 5, 5]  # .7 reaches three levels
    assert len(levels.child_axes) == 1


def test_steps_have_no_axis_where_epochs_differ_in_them() -> None:
    *_, levels = fig1.draw(two(steps=8)).axes
    assert not levels.child_axes


def record(*series: str) -> pandas.DataFrame:
    rows = [
        (name, split, epoch, 0.3) for name in series for split in ("train", "test", "holdout") for epoch in range(9)
    ]
    return pandas.DataFrame(rows, columns=["series", "split", "epoch", "accuracy"])


def test_recorded_curves_are_laid_over_the_case_that_they_are_of() -> None:
    author = record("conv_eq3_10k_5000ep", "conv_eq1_10k_holdout")
    halves, test_set, _ = fig1.draw(two(), record=author).axes
    ours = [len(panel.lines) for panel in fig1.draw(two()).axes[:2]]
    assert [len(halves.lines), len(test_set.lines)] == [ours[0] + 6, ours[1] + 6]  # in the one they are empty
    drawn = [sum(len(ys(line)) == 9 for line in panel.lines) for panel in (halves, test_set)]
    assert drawn == [0, 6]
    text = fig1.summary(two(), author)
    assert text.count("from conv_eq") == 6
    assert "train at most 0.270 from conv_eq3_10k_5000ep (not like for like)" in text


def test_images_that_the_author_had_not_have_no_record() -> None:
    author = record("conv_eq3_10k_5000ep", "conv_eq3_5k")
    assert len(fig1.draw(table(), record=author).axes[0].lines) == len(fig1.draw(table()).axes[0].lines)
    assert "conv_eq" not in fig1.summary(table(), author)


@pytest.mark.parametrize(
    ("seeds", "words"),
    [({"standard": (0,)}, "objective=split, data/split=thirds"), ({"standard": (0, 1), "split": (0,)}, "same seeds")],
)
def test_it_refuses_when_runs_are_missing(seeds: Mapping[str, Sequence[int]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        fig1.draw(table(seeds))


def test_it_refuses_when_one_of_two_choices_lacks_runs() -> None:
    with pytest.raises(ValueError, match="objective=split, data/split=test_set"):
        fig1.draw(together(table(), table({"standard": (0, 1)}, kind="test_set")))


def test_it_refuses_a_sweep_over_something_else() -> None:
    runs = table()
    with pytest.raises(ValueError, match="something else"):
        fig1.draw(together(runs, runs.assign(run=runs.run + "-other")))


def test_it_refuses_a_sweep_of_another_figure() -> None:
    with pytest.raises(ValueError, match="sweep=fig1"):
        fig1.draw(table().drop(columns="data/split"))


def test_the_summary_says_how_many_times_as_many() -> None:
    text = fig1.summary(table(last=1.0))
    assert "train accuracy 0.5: 4 times the epochs and optimizer steps, 8 times the images (2 of 2 seeds)" in text
    assert "gradient splitting, Eq. (1), train: train 1.000 after 40 epochs; 0.3 after 12 epochs, 48 steps" in text


def test_the_summary_of_two_choices_has_a_heading_each() -> None:
    text = fig1.summary(two())
    first, second = text.split("unlearned: the test set:\n")
    assert first.startswith("unlearned: more of the training set; held out: the test set:\n")
    assert [part.count("times the epochs") for part in (first, second)] == [3, 5]


def test_the_summary_counts_the_seeds_that_got_there() -> None:
    low = table({"split": (1,)}, last=0.6)
    text = fig1.summary(together(table({"standard": (0, 1), "split": (0,)}), low))
    assert "train accuracy 0.9: 4 times the epochs and optimizer steps, 8 times the images (1 of 2 seeds)" in text


def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        style.save(fig1.draw(table({"standard": (0,), "split": (0,)})), tmp_path / folder, "fig1")
    for name in ("fig1.png", "fig1.pdf"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_row_for_each_choice_of_settings() -> None:
    """And a summary of each; in the usual row nobody gets far."""
    usual = table(last=0.4).assign(conditioning="usual")
    both = together(usual, table(last=1.0).assign(conditioning="good"))
    with pytest.raises(ValueError, match="more than one run of a seed"):
        fig1.draw(both.drop(columns="conditioning").assign(run=both.run + both.conditioning))
    both = both.assign(run=both.run + both.conditioning)
    first, low, second, high = fig1.draw(both).axes[:4]
    titles = [panel.get_title() for panel in (first, second)]
    assert titles == [f"unlearned: a third of the images; {name} settings" for name in ("usual", "good")]
    assert [list(epochs) for epochs in filled(low).values()] == [[0.3]] * 2
    assert [list(epochs) for epochs in filled(high).values()] == [list(LEVELS)] * 2
    assert [line for line in fig1.summary(both).splitlines() if line.endswith(":")] == [
        f"unlearned: a third of the images, {name} settings:" for name in ("usual", "good")
    ]
