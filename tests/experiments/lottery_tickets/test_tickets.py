"""Tickets and their controls by what is left, from made-up tables."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pandas
import pytest
from asking import always
from drawn import curves, label, xs, ys
from ladders import tickets

from rotelab.experiments.lottery_tickets import rungs
from rotelab.experiments.lottery_tickets import tickets as figure


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def test_accuracies_and_steps_over_what_is_left() -> None:
    accuracy, speed = figure.draw(tickets({("reinitialized", 15): always(0.5)})).axes
    drawn = {label(line): line for line in curves(accuracy) if label(line)[0] != "_"}
    assert ys(drawn["tickets"]).tolist() == pytest.approx([0.9, 0.9, 0.9])
    assert ys(drawn["reinitialized"]).tolist() == pytest.approx([0.5, 0.9, 0.9])
    assert xs(drawn["tickets"]).tolist() == pytest.approx([3.518437, 20.97152, 100])
    late = {label(line): line for line in curves(speed)}
    assert ys(late["reinitialized"]).tolist() == [16, 8]  # never at the last round
    assert ys(late["tickets"]).tolist() == [8, 8, 8]


def test_a_figure_without_a_single_arrival_is_drawn() -> None:
    rising = tickets()
    rising = rising.assign(value=rising.value.where((rising["start.rounds"] == 0) & (rising.split == "held_out"), 0.1))
    rising.loc[rising.epoch < 8, "value"] = 0.1
    assert len(figure.draw(rising.query("epoch > 0")).axes) == 2


def test_it_says_what_was_seen() -> None:
    first, second, *_ = figure.summary(tickets({("reinitialized", 15): lambda seed: 0.9 if seed else 0.5})).splitlines()
    assert first == "tickets: 100 %: 0.900, 8 steps; 21 %: 0.900, 8 steps; 3.52 %: 0.900, 8 steps"
    assert second.endswith("3.52 %: 0.700, 8 steps (1 of 2 seeds)")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (tickets().drop(columns="start.arm"), "which name start.arm"),
        (tickets().query("`start.rounds` > 0"), "needs round 0"),
        (
            tickets().query("`start.arm` != 'random_mask'"),
            "no finished run of objective=standard, start.arm=random_mask",
        ),
        (tickets().query("seed == 0 or `start.rounds` < 15"), "same seeds"),
    ],
)
def test_it_refuses_when_runs_are_missing(table: pandas.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        figure.draw(table)


def test_the_nearest_round_is_never_the_whole_network() -> None:
    assert [rungs.nearest(tickets(), 0.2, wanted) for wanted in (99.0, 21.0, 3.6, 0.1)] == [7, 7, 15, 15]
