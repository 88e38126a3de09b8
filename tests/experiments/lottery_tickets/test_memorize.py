"""Tickets that memorize, from made-up tables."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pandas
import pytest
from asking import always
from drawn import curves, label, ys
from ladders import memorizing

from rotelab.experiments.lottery_tickets import memorize


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def test_ease_epochs_and_deaths_over_what_is_left() -> None:
    easy, speed, deaths = memorize.draw(memorizing({("ticket", 1): always(0.7)}, deaths=(1,))).axes
    drawn = {label(line): ys(line).tolist() for line in curves(easy) if label(line)[0] != "_"}
    assert drawn["Eq. (1), tickets"] == pytest.approx([0.5, 0.7, 0.5])
    assert drawn["Eq. (1), random masks"] == pytest.approx([0.5, 0.5, 0.5])
    plain = {label(line): ys(line).tolist() for line in speed.lines}
    assert plain["plain training, Eq. (3), tickets"] == [1, 1, 1]
    died = {label(line): ys(line).tolist() for line in deaths.lines}
    assert died["Eq. (1), tickets"] == [0, 0, 0.5]


def test_where_not_every_seed_came_there_it_is_hollow() -> None:
    table = memorizing(epochs={0: always(4), 1: lambda seed: 4 if seed else 99, 2: always(99)})
    _, speed, _ = memorize.draw(table).axes
    whole = {label(line): ys(line).tolist() for line in speed.lines}
    assert whole["Eq. (1), tickets"] == [4]
    hollow = [ys(line).tolist() for line in speed.lines if line.get_fillstyle() == "none"]
    assert hollow == [[4], [4]]


def test_it_says_what_was_seen() -> None:
    first, *_ = memorize.summary(memorizing(deaths=(0,))).splitlines()
    assert first == (
        "Eq. (1), tickets: 100 %: 0.500, never, 0 dead; 25 %: 0.500, never, 0 dead; 6.25 %: 0.500, never, 1 dead"
    )


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (memorizing().drop(columns="start.rounds"), "which name start.rounds"),
        (memorizing().query("objective == 'standard'"), "no finished run of objective=split"),
    ],
)
def test_it_refuses_when_runs_are_missing(table: pandas.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        memorize.draw(table)
