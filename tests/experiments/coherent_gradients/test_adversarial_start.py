"""Adversarial initialization from made-up tables: what counts as the fit, what is drawn, and what is refused."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pandas
import pytest
from adversaries import made
from asking import always
from drawn import label, words, xs, ys
from tables import together

from rotelab.experiments.coherent_gradients import adversarial_start as of

PLAIN = "plain_sgd"


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def test_the_fit_is_the_first_after_a_step() -> None:
    """A network that has fitted the labels before the first step has learned nothing yet."""
    table = made(fit={"norms": lambda seed: 3 + seed, "weights": always(0)})
    found = of.fits(table, "norms", PLAIN)
    assert found.epoch.to_dict() == {0: 3, 1: 4, 2: 5}
    assert found.step.to_dict() == {0: 12, 1: 16, 2: 20}
    assert set(found.held_out) == {0.9} and set(found.r) == {4.0}
    assert set(of.fits(table, "weights", PLAIN).epoch) == {1}


def test_what_was_not_fitted_is_left_out() -> None:
    table = made(fit={"weights": lambda seed: 4 if seed else 99})
    assert list(of.fits(table, "weights", PLAIN).index) == [1, 2]


def test_r_is_measured_more_seldom_than_the_accuracy() -> None:
    table = made(r={"nothing": always(2.0)})
    table = table[(table.metric != "coherence_r") | table.epoch.isin([0, 3, 8])]
    assert set(of.fits(table, "nothing", PLAIN).r) == {2.0}


def test_a_column_an_optimizer_and_rings_at_the_fit() -> None:
    figure = of.draw(made({("weights", PLAIN): always(0.7)}))
    above, below = figure.axes[:2], figure.axes[2:]
    assert [panel.get_title() for panel in above] == ["plain SGD", "momentum and weight decay"]
    names = [name for name, _ in of.STARTS.values()]
    for panel in below:
        assert (words(panel), panel.get_xscale(), panel.get_yscale()) == (names, "symlog", "log")
    means = {label(line): ys(line)[-1] for line in above[0].lines if label(line) in names}
    assert means == pytest.approx(dict(zip(names, (0.1, 0.1, 0.3), strict=True)))
    rings = [line for line in above[0].lines if line.get_marker() == "o"]
    assert [set(xs(ring)) for ring in rings] == [{4}] * 3
    assert [ys(ring).tolist() for ring in rings] == [pytest.approx([error] * 3) for error in (0.1, 0.1, 0.3)]


def test_the_summary_says_what_each_start_came_to() -> None:
    text = of.summary(made({("weights", PLAIN): always(0.7)}, fit={"norms": always(99)}))
    assert text.splitlines()[:3] == [
        "plain SGD, as drawn: test 0.900 at the fit, epoch 4, r 4; 0.900 at the end",
        "plain SGD, as drawn, norms of the fitted network: never fitted; 0.900 at the end",
        "plain SGD, fitted to random labels: test 0.700 at the fit, epoch 4, r 4; 0.700 at the end",
    ]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (made().query(f"`{of.KEEP}` != 'weights'"), "no finished run of start.keep=weights"),
        (made().drop(columns=of.KEEP), "which name start.keep"),
        (made().query("metric != 'coherence_r'"), "no run measured coherence_r/train"),
        (together(made(), made(seeds=(7,)).query(f"`{of.KEEP}` == 'norms'")), "same seeds"),
    ],
)
def test_it_refuses_when_runs_are_missing(table: pandas.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        of.draw(table)
