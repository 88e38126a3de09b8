"""What every figure of learning curves is made of."""

import matplotlib.pyplot as plt
import pandas
import pytest
from tables import constant, runs, straight, together

from rotelab.figures import curves, style
from rotelab.figures.curves import Line

LINE = Line("made up", {"objective": "split", "data.size": 64}, "black", recorded="series")
OTHER = Line("other", {"objective": "split", "data.size": 128}, "blue")


def made(last: float = 1.0, seeds: tuple[int, ...] = (0, 1), **more: object) -> pandas.DataFrame:
    accuracies = {"accuracy/train": straight(last, 10), "accuracy/pseudo_test": straight(last / 2, 10)}
    return runs(LINE.where, accuracies | more, seeds=seeds)


def of(value: float, epochs: int = 11, split: str = "train") -> pandas.DataFrame:
    """A record of one straight line."""
    rows = [("series", split, epoch, value) for epoch in range(epochs)]
    return pandas.DataFrame(rows, columns=["series", "split", "epoch", "accuracy"])


def test_rows_are_one_value_a_run_and_epoch() -> None:
    found = curves.rows(together(made(), runs(OTHER.where, {"accuracy/train": constant(0.0)})), LINE)
    assert len(found) == 2 * 11
    assert set(found.split) == {"train"}
    assert found[found.epoch == 5].value.tolist() == [0.5, 0.5]


def test_rows_of_another_split_and_metric() -> None:
    table = made(**{"gradient_norm/first_layer": constant(3.0)})
    norms = Line("norm", LINE.where, "black", "first_layer", metric="gradient_norm")
    assert set(curves.rows(table, norms).value) == {3.0}
    assert curves.rows(table, Line("other", LINE.where, "black", "pseudo_test")).value.max() == 0.5


@pytest.mark.parametrize("where", [{"objective": "standard"}, {"model.softmax": True}, {"data.size": 65}])
def test_missing_runs_are_named(where: dict[str, object]) -> None:
    ((column, value),) = where.items()
    with pytest.raises(ValueError, match=f"no finished run of .*{column}={value}"):
        curves.rows(made(), Line("missing", {"objective": "split"} | where, "black"))


def test_several_runs_of_a_seed_are_refused() -> None:
    table = together(made(), made().assign(run="another"))
    with pytest.raises(ValueError, match=r"made up: more than one run of a seed.*something else"):
        curves.rows(table, LINE)


def test_the_gap_is_train_minus_pseudo_test() -> None:
    gap = curves.rows(made(), Line("gap", LINE.where, "black", "gap"))
    assert len(gap) == 2 * 11
    assert set(gap.split) == {"gap"}
    assert gap[gap.epoch == 8].value.tolist() == pytest.approx([0.4, 0.4])
    assert {"run", "seed", "step", "samples"} <= set(gap)


def test_the_gap_of_runs_without_the_other_split_is_empty() -> None:
    table = made()
    assert curves.gap(table[table.split == "train"]).empty


def test_lines_need_the_same_seeds() -> None:
    other = runs(OTHER.where, {"accuracy/train": constant(0.5)}, seeds=(0, 1))
    assert curves.check_seeds(together(made(), other), [LINE, OTHER]) == 2
    with pytest.raises(ValueError, match=r"same seeds.*made up: 0, 1, 2; other: 0, 1"):
        curves.check_seeds(together(made(seeds=(0, 1, 2)), other), [LINE, OTHER])


def test_levels_are_read_at_the_first_epoch_that_reaches_them() -> None:
    found = curves.reached(made(0.8), LINE, [0.4, 0.5, 0.8, 0.81])
    assert found[found.seed == 1].to_numpy().tolist() == [
        [1, 0.4, 5, 20, 500],
        [1, 0.5, 7, 28, 700],
        [1, 0.8, 10, 40, 1000],
    ]
    assert curves.reached(made(0.2), LINE).empty


def test_a_level_is_reached_for_good_even_if_left_again() -> None:
    up_and_down = {"accuracy/train": lambda epoch, step, seed: 0.6 if epoch == 3 else 0.1}
    assert curves.reached(runs(LINE.where, up_and_down), LINE, [0.5]).epoch.tolist() == [3, 3]


def test_the_mean_goes_on_as_long_as_all_runs_do() -> None:
    short = runs(LINE.where, {"accuracy/train": constant(0.0)}, range(6), seeds=(0,))
    long = runs(LINE.where, {"accuracy/train": straight(1.0, 10)}, seeds=(1,))
    mean = curves.mean(together(short, long), LINE)
    assert mean.to_dict() == pytest.approx({epoch: epoch / 20 for epoch in range(6)})


def test_steps_per_epoch() -> None:
    assert curves.steps_per_epoch(made(), LINE) == 4


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
    *_, recorded = panel.lines
    assert recorded.get_xdata().tolist() == [0, per_epoch, 2 * per_epoch]
    assert recorded.is_dashed()
    assert len(panel.collections) == 1  # the band
    plt.close(figure)


def test_without_a_record_mean_band_and_runs_are_drawn() -> None:
    figure, panel = plt.subplots()
    curves.draw(panel, made(seeds=(0, 1, 2)), [LINE])
    assert len(panel.lines) == 3 + 1
    assert panel.get_xlabel() == "epochs"
    plt.close(figure)


@pytest.mark.parametrize("dead", [0, 1, 2])
def test_dead_runs_end_with_a_cross_and_are_counted(dead: int) -> None:
    table = made(seeds=(0, 1, 2))
    table.loc[table.seed < dead, "dead_since"] = 3
    figure, panel = plt.subplots()
    curves.draw(panel, table, [LINE])
    crosses = [x for line in panel.lines if line.get_marker() == "x" for x in line.get_xdata()]
    assert crosses == [table.epoch.max()] * dead
    caption = style.seeds_caption(table)
    assert (f"{dead} of 3 runs are dead" in caption) == (dead > 0)
    plt.close(figure)
