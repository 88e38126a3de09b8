"""Zhang et al., Figure 1b from made-up tables: times relative to those without corrupted labels."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pandas
import pytest
from drawn import label, words, xs, ys
from tables import constant, runs, straight, together

from rotelab.experiments.randomization_tests import fig1b

FRACTIONS = (0, 0.4, 1)


def made(
    network: str = "inception",
    epochs: tuple[int, ...] = (10, 15, 20),
    seeds: tuple[int, ...] = (0, 1),
    last: tuple[float, ...] = (1.0, 1.0, 1.0),
) -> pandas.DataFrame:
    """Of each fraction: straight to the last train accuracy in so many epochs."""
    tables = []
    for fraction, until, top in zip(FRACTIONS, epochs, last, strict=True):
        curves = {"accuracy/train": straight(top, until), "accuracy/held_out": constant(0.4)}
        if fraction:
            curves |= {"accuracy/train_clean": straight(1, until), "accuracy/train_corrupted": straight(0.5, until)}
        where = {"network": network, "data.labels.fraction": fraction}
        tables.append(runs(where, curves, range(until + 1), seeds=seeds))
    return together(*tables)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def labels(panel: plt.Axes) -> list[str]:
    return words(panel)


def test_times_are_relative_to_the_same_seed() -> None:
    found = fig1b.relative(together(made(seeds=(0,)), made(epochs=(20, 20, 20), seeds=(1,))), "inception")
    assert found.sort_values(["seed", "fraction"]).ratio.tolist() == [1, 1.5, 2, 1, 1, 1]
    assert found.fitted.all()


def test_a_run_that_did_not_fit_takes_at_least_as_long_as_it_went_on() -> None:
    found = fig1b.relative(made(last=(1.0, 1.0, 0.9)), "inception")
    assert found[~found.fitted].ratio.tolist() == [2, 2]
    assert fig1b.relative(made(last=(0.9, 1.0, 1.0)), "inception").empty


def test_lines_of_each_network_and_what_is_learned_first() -> None:
    table = together(made(), made("mlp_1x512", (10, 30, 40)))
    times, first = fig1b.draw(table).axes
    assert labels(times) == ["Inception", "MLP 1x512"]
    drawn = {label(line): ys(line).tolist() for line in times.lines if label(line)[0] != "_"}
    assert drawn == {"Inception": [1, 1.5, 2], "MLP 1x512": [1, 3, 4]}
    assert not times.texts
    assert labels(first) == [
        f"{network}, {kind} labels" for network in ("Inception", "MLP 1x512") for kind in ("right", "wrong")
    ]
    assert "a fraction of 0.4" in first.get_title()
    assert first.get_xlim()[1] > 30


def test_what_did_not_fit_is_hollow_and_says_so() -> None:
    some = together(made(seeds=(0,)), made(seeds=(1,), last=(1.0, 1.0, 0.9)))
    times, _ = fig1b.draw(some).axes
    assert [note.get_text() for note in times.texts] == ["1 of 2 fitted"]
    (mean,) = (line for line in times.lines if label(line) == "Inception")
    assert xs(mean).tolist() == [0, 0.4]  # a mean of those that fitted would be too low
    assert "fraction 1 2.00 times as many (1 of 2 seeds)" in fig1b.summary(some)


def test_without_a_base_there_is_no_line() -> None:
    times, _ = fig1b.draw(made(last=(0.9, 1.0, 1.0))).axes
    assert labels(times) == ["Inception: not fitted without corruption"]
    assert fig1b.summary(made(last=(0.9, 1.0, 1.0))) == "Inception: not fitted without corruption"


def test_the_summary_says_how_many_times_as_many() -> None:
    assert fig1b.summary(made()) == (
        "Inception: fitted after 40 steps without corruption; fraction 0.4 1.50 times as many; "
        "fraction 1 2.00 times as many"
    )


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (made().query("`data.labels.fraction` > 0"), "among them 0"),
        (made().query("`data.labels.fraction` == 0"), "several"),
        (made().drop(columns="data.labels.fraction"), "several"),
        (together(made(), made("alexnet").query("`data.labels.fraction` < 1")), "network=alexnet.*fraction=1"),
        (together(made(), made(seeds=(2,)).query("`data.labels.fraction` < 1")), "same seeds"),
        (made().query("split != 'train_clean'"), "no run measured accuracy/train_clean"),
    ],
)
def test_it_refuses_when_runs_are_missing(table: pandas.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        fig1b.draw(table)
