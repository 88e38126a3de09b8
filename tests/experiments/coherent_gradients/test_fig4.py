"""Coherent gradients, Figure 4 from made-up tables: right and wrong labels under each aggregator."""

from collections.abc import Iterator

import drawn
import matplotlib.pyplot as plt
import pandas
import pytest
from drawn import label, legend, words, ys
from matplotlib.axes import Axes
from tables import constant, runs, straight, together

from rotelab.experiments.coherent_gradients import fig4
from rotelab.figures import style

LAST = {"mean": (0.9, 0.8, 0.4), "median": (0.7, 0.1, 0.5), "rolling_median": (0.8, 0.2, 0.6)}
"""Of each aggregator: on right, wrong and test labels."""


def made(aggregators: tuple[str, ...] = tuple(LAST), seeds: tuple[int, ...] = (0, 1)) -> pandas.DataFrame:
    """Straight to the last accuracies in ten epochs; on the test split as much throughout, and .1 more with every
    seed."""
    tables = []
    for name in aggregators:
        right, wrong, test = LAST[name]
        curves = {
            "accuracy/train": constant(0.0),
            "accuracy/train_clean": straight(right, 10),
            "accuracy/train_corrupted": straight(wrong, 10),
            "accuracy/held_out": constant(test, spread=0.1),
        }
        tables.append(runs({"aggregator": name}, curves, seeds=seeds))
    return together(*tables)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def means(panel: Axes) -> dict[str, float]:
    """Last value by label."""
    return {label(line): ys(line)[-1] for line in panel.lines if label(line)[0] != "_"}


def test_a_panel_for_each_aggregator_of_the_sweep() -> None:
    figure = fig4.draw(made(("rolling_median", "median", "mean")))
    titles = ["SGD", "M3: median of three micro-batches", "RM3: median of the last three steps"]
    assert [panel.get_title() for panel in figure.axes] == titles  # whatever the order of the runs
    assert [panel.get_ylabel() for panel in figure.axes] == ["accuracy", "", ""]
    for panel, (name, (right, wrong, test)) in zip(figure.axes, LAST.items(), strict=True):
        kinds = ("train, right labels", "train, wrong labels", "test, right labels")
        of = (right, wrong, pytest.approx(test + 0.05))
        assert means(panel) == dict(zip(kinds, of, strict=True)), name
        assert (panel.get_xscale(), panel.get_yscale(), panel.get_xlabel()) == ("linear", "linear", "epochs")
        assert panel.get_ylim() == (-0.02, 1.02)
        assert len(drawn.curves(panel)) == 3 * (2 + 1)  # two runs and their mean each
        assert drawn.chance(panel) == [0.1]


def test_a_legend_below_each_panel() -> None:
    for panel in fig4.draw(made()).axes:
        assert words(panel) == ["train, right labels", "train, wrong labels", "test, right labels"]
        assert [(line.get_color(), line.get_linestyle()) for line in legend(panel).get_lines()] == [
            (style.PLAIN, "-"),
            (style.MEMORIZE, "-"),
            (style.BOTH, "--"),
        ]


def test_a_sweep_of_one_aggregator() -> None:
    (panel,) = fig4.draw(made(("median",))).axes
    assert panel.get_title() == "M3: median of three micro-batches"


def test_the_train_split_as_a_whole_is_a_line_too() -> None:
    """Claims ask for it."""
    of = fig4.line("median", "train")
    assert (of.where, of.split, of.metric) == ({"aggregator": "median"}, "train", "accuracy")


def test_the_summary_says_the_last_accuracies() -> None:
    assert fig4.summary(made(("median", "mean"))).splitlines() == [
        "SGD: train, right labels 0.900; train, wrong labels 0.800; test, right labels 0.400 to 0.500",
        "M3: median of three micro-batches: "
        "train, right labels 0.700; train, wrong labels 0.100; test, right labels 0.500 to 0.600",
    ]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (made().drop(columns="aggregator"), "there is no finished run of aggregator=mean"),
        (together(made(), made(("median",), (2,))), "same seeds.*micro-batches, train, right labels: 0, 1, 2"),
        (made().query("split != 'train_corrupted'"), "no run measured accuracy/train_corrupted"),
        (together(made(), made().assign(run="again")), "SGD, train, right labels: more than one run of a seed"),
    ],
)
def test_it_refuses_when_runs_are_missing(table: pandas.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        fig4.draw(table)
