"""Groups of runs, and what a table says of them."""

from typing import Any

import pandas
import pytest
from tables import constant, runs, straight, together

from rotelab.results import lines
from rotelab.results.lines import Line

LINE = Line("made up", {"objective": "split", "data.size": 64}, "black", recorded="series")
OTHER = Line("other", {"objective": "split", "data.size": 128}, "blue")


def made(last: float = 1.0, seeds: tuple[int, ...] = (0, 1), **more: Any) -> pandas.DataFrame:
    accuracies = {"accuracy/train": straight(last, 10), "accuracy/pseudo_test": straight(last / 2, 10)}
    return runs(LINE.where, accuracies | more, seeds=seeds)


def test_rows_are_one_value_a_run_and_epoch() -> None:
    found = lines.rows(together(made(), runs(OTHER.where, {"accuracy/train": constant(0.0)})), LINE)
    assert len(found) == 2 * 11
    assert set(found.split) == {"train"}
    assert found[found.epoch == 5].value.tolist() == [0.5, 0.5]


def test_rows_of_another_split_and_metric() -> None:
    table = made(**{"gradient_norm/first_layer": constant(3.0)})
    norms = Line("norm", LINE.where, "black", "first_layer", metric="gradient_norm")
    assert set(lines.rows(table, norms).value) == {3.0}
    assert lines.rows(table, Line("other", LINE.where, "black", "pseudo_test")).value.max() == 0.5


@pytest.mark.parametrize("where", [{"objective": "standard"}, {"model.softmax": True}, {"data.size": 65}])
def test_missing_runs_are_named(where: dict[str, Any]) -> None:
    ((column, value),) = where.items()
    with pytest.raises(ValueError, match=f"no finished run of .*{column}={value}"):
        lines.rows(made(), Line("missing", {"objective": "split"} | where, "black"))


def test_several_runs_of_a_seed_are_refused() -> None:
    table = together(made(), made().assign(run="another"))
    with pytest.raises(ValueError, match=r"made up: more than one run of a seed.*something else"):
        lines.rows(table, LINE)


def test_the_gap_is_train_minus_pseudo_test() -> None:
    gap = lines.rows(made(), Line("gap", LINE.where, "black", "gap"))
    assert len(gap) == 2 * 11
    assert set(gap.split) == {"gap"}
    assert gap[gap.epoch == 8].value.tolist() == pytest.approx([0.4, 0.4])
    assert {"run", "seed", "step", "images"} <= set(gap)


def test_the_gap_of_runs_without_the_other_split_is_empty() -> None:
    table = made()
    assert lines.gap(table[table.split == "train"]).empty


def test_the_train_accuracy_stands_beside_what_was_measured_at_the_same_epoch() -> None:
    table = made(**{"gradient_norm/first_layer": constant(3.0)})
    table = table[(table.metric != "gradient_norm") | table.epoch.isin([2, 6])]
    found = lines.beside(table, Line("norm", LINE.where, "black", "first_layer", metric="gradient_norm"))
    assert found.train_accuracy.tolist() == [0.2, 0.6] * 2
    assert set(found.value) == {3.0}


def test_lines_need_the_same_seeds() -> None:
    other = runs(OTHER.where, {"accuracy/train": constant(0.5)}, seeds=(0, 1))
    assert lines.check_seeds(together(made(), other), [LINE, OTHER]) == 2
    with pytest.raises(ValueError, match=r"same seeds.*made up: 0, 1, 2; other: 0, 1"):
        lines.check_seeds(together(made(seeds=(0, 1, 2)), other), [LINE, OTHER])


def test_levels_are_read_at_the_first_epoch_that_reaches_them() -> None:
    found = lines.reached(made(0.8), LINE, [0.4, 0.5, 0.8, 0.81])
    assert found[found.seed == 1].to_numpy().tolist() == [
        [1, 0.4, 5, 20, 1000],
        [1, 0.5, 7, 28, 1400],
        [1, 0.8, 10, 40, 2000],
    ]
    assert lines.reached(made(0.2), LINE).empty


def test_levels_of_three_classes_lie_as_far_from_their_chance() -> None:
    accuracies = {"accuracy/train": lambda epoch, step, seed: 1 / 3 + (2 / 3) * epoch / 9 + 1e-4}
    found = lines.reached(runs(LINE.where, accuracies, range(10), seeds=[0], classes=3), LINE)
    ten = {"accuracy/train": lambda epoch, step, seed: 0.1 + 0.9 * epoch / 9 + 1e-4}
    of_ten = lines.reached(runs(LINE.where, ten, range(10), seeds=[0]), LINE)
    assert found.epoch.tolist() == of_ten.epoch.tolist() == [2, 4, 6, 7, 8]
    assert found.level.tolist() == pytest.approx([1 / 3 + (2 / 3) * way / 9 for way in (2, 4, 6, 7, 8)], abs=1e-4)
    assert of_ten.level.tolist() == list(lines.LEVELS)


def test_levels_are_those_of_ten_classes_where_the_runs_do_not_say() -> None:
    assert lines.levels(made().assign(class_count=float("nan"))) == list(lines.LEVELS)


def test_what_seeds_draw_is_said_where_it_is_not_the_weights_alone() -> None:
    assert lines.over(made()) == ""
    assert lines.over(made().assign(seeds="images")) == ", each of other images"
    assert lines.over(made().assign(seeds="both")) == ", each of other images and weights"


def test_a_level_is_reached_for_good_even_if_left_again() -> None:
    up_and_down = {"accuracy/train": lambda epoch, step, seed: 0.6 if epoch == 3 else 0.1}
    assert lines.reached(runs(LINE.where, up_and_down), LINE, [0.5]).epoch.tolist() == [3, 3]


def test_the_mean_goes_on_as_long_as_all_runs_do() -> None:
    short = runs(LINE.where, {"accuracy/train": constant(0.0)}, range(6), seeds=(0,))
    long = runs(LINE.where, {"accuracy/train": straight(1.0, 10)}, seeds=(1,))
    mean = lines.mean(together(short, long), LINE)
    assert mean.to_dict() == pytest.approx({epoch: epoch / 20 for epoch in range(6)})


def test_steps_per_epoch() -> None:
    assert lines.steps_per_epoch(made(), LINE) == 4


def test_every_group_needs_all_seeds() -> None:
    table = pandas.DataFrame([(n, seed) for n in (1, 2) for seed in (0, 1)], columns=["n", "seed"])
    lines.check_every(table, ["n"], "n")
    for part in (table.iloc[1:], table.iloc[:0]):
        with pytest.raises(ValueError, match="needs the same seeds for every n, and some are missing"):
            lines.check_every(part, ["n"], "n")


def test_some_of_the_seeds_are_counted() -> None:
    assert [lines.some(found, 3) for found in range(4)] == ["", " (1 of 3 seeds)", " (2 of 3 seeds)", ""]


@pytest.mark.parametrize("counts, expected", [((10,), 0.1), ((3,), 1 / 3), ((3, 10), None), ((float("nan"),), None)])
def test_chance_is_known_where_runs_agree_on_their_classes(counts: tuple[float, ...], expected: float | None) -> None:
    of = {count: runs({"data": f"of {count}"}, {"accuracy/train": constant(0.5)}) for count in counts}
    made = [table.assign(class_count=count) for count, table in of.items()]
    assert lines.chance(together(*made)) == expected


def test_columns_that_are_missing_are_named() -> None:
    table = pandas.DataFrame({"b": [1]})
    lines.check_names(table, ["b"])
    with pytest.raises(ValueError, match=r"the figure needs runs of sweep=x, which name a, c$"):
        lines.check_names(table, ["c", "b", "a"], "runs of sweep=x, which name")
