"""Depth and width from made-up tables: what is said of a network, what is drawn, and what is refused."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pandas
import pytest
from drawn import words, xs, ys
from sizes import made

from rotelab.experiments.coherent_gradients import depth_width


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def test_a_network_is_its_depth_and_width() -> None:
    """r of 2 x depth on true labels and 1 on random ones, a test accuracy of .8 and of .1."""
    found = depth_width.networks(made())
    true = found[found.labels == "clean"].set_index(["depth", "width", "seed"])
    assert true.r.to_dict() == {(d, w, s): 2.0 * d for d in (1, 2) for w in (16, 64) for s in (0, 1, 2)}
    assert set(true.test) == {0.8}
    assert set(found[found.labels == "random"].r) == {1.0}


def test_r_before_training_does_not_count() -> None:
    table = made()
    table.loc[(table.metric == "coherence_r") & (table.epoch == 0), "value"] = 1e6
    assert depth_width.networks(table).r.max() == 4


def test_what_did_not_come_to_the_loss_is_left_out_and_said() -> None:
    table = made(random_loss=0.2)
    assert set(depth_width.networks(table).labels) == {"clean"}
    assert "12 of 24 runs did not come to it and are left out" in depth_width.note(table)
    assert depth_width.note(made())[-2:] == ["until a train loss of 0.1 nats", "black: r of orthogonal gradients"]


def test_three_panels() -> None:
    figure = depth_width.draw(made())
    coherent, accurate, both = figure.axes
    lines = [
        f"{depth}, {name} labels" for depth in ("1 hidden layer", "2 hidden layers") for name in ("true", "random")
    ]
    assert words(coherent) == lines
    assert [text.get_text() for text in accurate.get_xticklabels()] == ["16", "64"]
    assert [(set(xs(dots)), set(ys(dots))) for dots in both.lines] == [({2.0}, {0.8}), ({4.0}, {0.8})]


def test_the_summary_has_a_line_a_network() -> None:
    assert depth_width.summary(made()).splitlines()[:2] == [
        "1 x 16, true labels: r 2.00, test 0.800",
        "1 x 64, true labels: r 2.00, test 0.800",
    ]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (made().drop(columns="model.widths"), "which name model.widths"),
        (made().query("seed < 2 or `data/labels` == 'clean'"), "same seeds for every network and labels"),
        (made().query("metric != 'coherence_r'"), "no run measured coherence_r/train"),
    ],
)
def test_it_refuses_when_runs_are_missing(table: pandas.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        depth_width.draw(table)
