"""Zhang et al., Figure 1a from made-up tables: when each variant is fitted, and what is refused."""

from collections.abc import Iterator
from math import exp

import drawn
import matplotlib.pyplot as plt
import pandas
import pytest
from drawn import offsets, words, xs, ys
from matplotlib.axes import Axes
from tables import constant, runs, straight, together

from rotelab.experiments.randomization_tests import fig1a
from rotelab.results.table import thin

EPOCHS = {"true_labels": 4, "shuffled_pixels": 5, "gaussian": 6, "random_pixels": 8, "random_labels": 10}


def made(
    networks: tuple[str, ...] = ("inception", "alexnet"),
    seeds: tuple[int, ...] = (0, 1),
    last: float = 1.0,
    variants: tuple[str, ...] = tuple(EPOCHS),
) -> pandas.DataFrame:
    """Straight to the last train accuracy in so many epochs; a loss that falls by e an epoch."""
    tables = []
    for network in networks:
        for variant in variants:
            curves = {
                "accuracy/train": straight(last, EPOCHS[variant]),
                "loss/train": lambda epoch, step, seed: exp(-epoch),
                "accuracy/held_out": constant(0.1),
            }
            where = {"network": network, "randomization": variant}
            tables.append(runs(where, curves, range(EPOCHS[variant] + 1), seeds=seeds))
    return together(*tables)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def means(panel: Axes) -> list[float]:
    """Of steps, drawn as bars, in the order of networks and variants."""
    return [ys(line)[0] for line in panel.lines if line.get_marker() == "_"]


def hollow(panel: Axes) -> int:
    return sum(len(offsets(dots)) for dots in panel.collections if not len(dots.get_facecolor()))


def test_a_panel_for_each_network_and_one_of_the_steps_to_fit() -> None:
    inception, alexnet, steps = fig1a.draw(made()).axes
    assert [panel.get_title() for panel in (inception, alexnet)] == ["Inception", "AlexNet"]
    for panel in (inception, alexnet):
        assert (panel.get_yscale(), panel.get_xscale(), panel.get_xlabel()) == ("log", "linear", "optimizer steps")
        assert words(panel) == [label for label, _ in fig1a.VARIANTS.values()]
        assert max(xs(line).max() for line in panel.lines) == 40
    assert means(steps) == [16, 20, 24, 32, 40] * 2
    assert not steps.texts
    assert not hollow(steps)


def test_a_sweep_of_one_network() -> None:
    assert len(fig1a.draw(made(("alexnet",))).axes) == 2


def test_what_did_not_fit_is_hollow_and_says_so() -> None:
    *_, steps = fig1a.draw(together(made(("inception",), (0,)), made(("inception",), (1,), last=0.98))).axes
    assert means(steps) == []
    assert [note.get_text() for note in steps.texts] == ["1 of 2 fit"] * 5
    assert hollow(steps) == 5


def test_notes_of_several_networks_do_not_touch() -> None:
    """None fits, so that all end at the same step."""
    assert drawn.touching(fig1a.draw(made(last=0.5))) == []


def test_the_loss_is_in_the_csv() -> None:
    thinned = thin(made(), losses=fig1a.LOSSES)
    loss = thinned[thinned.metric == "loss"]
    assert set(loss.split) == {"train"}
    assert loss.groupby("run").epoch.max().tolist() == [EPOCHS[run.split("-")[1]] for run in loss.groupby("run").groups]
    assert "loss" not in set(thin(made()).metric)


def test_the_summary_says_when_each_variant_was_fitted() -> None:
    first, *_, last = fig1a.summary(made()).splitlines()
    assert first == (
        "Inception, true labels: steps to train accuracy 0.99 16, to loss 0.1 12; in the end train 1.000, test 0.100"
    )
    assert last.startswith("AlexNet, random labels: steps to train accuracy 0.99 40, to loss 0.1 12;")
    some = fig1a.summary(together(made(("inception",), (0,)), made(("inception",), (1,), last=0.98)))
    assert "0.99 16 (1 of 2 seeds), to loss 0.1 12;" in some
    never = fig1a.summary(made(last=0.5))
    assert never.count("0.99 never") == 10


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (made(variants=("true_labels", "random_labels")), "network=inception, randomization=shuffled_pixels"),
        (together(made(), made(("alexnet",), (2,), variants=("gaussian",))), "same seeds"),
        (made().drop(columns="network"), "over network="),
        (made().query("metric == 'accuracy'"), "no run measured loss/train"),
    ],
)
def test_it_refuses_when_runs_are_missing(table: pandas.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        fig1a.draw(table)
