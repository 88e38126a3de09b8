"""Coherent gradients, Figure 3 from made-up tables: r during training, over the train loss, and what is refused."""

from collections.abc import Iterator
from math import exp

import matplotlib.pyplot as plt
import pandas
import pytest
from drawn import label, words, xs, ys
from matplotlib.axes import Axes
from tables import Curve, constant, runs, straight, together

from rotelab.experiments.coherent_gradients import fig3
from rotelab.figures import style
from rotelab.results.lines import beside
from rotelab.results.table import thin

ALL = ["real labels, train", "real labels, held-out", "random labels, train", "random labels, held-out"]


def made(
    networks: tuple[str, ...] = ("alexnet",),
    labels: tuple[str, ...] = ("clean", "random"),
    seeds: tuple[int, ...] = (0, 1),
    until: int = 10,
) -> pandas.DataFrame:
    """Fitted after so many epochs of 5 steps; r of 20 on real and 4 on random labels, and one more with every seed, of
    train images, half of 20 and of 4 of held-out ones."""
    tables = []
    for network in networks:
        for kind in labels:
            r = {"clean": 20, "random": 4}[kind]
            curves = {
                "accuracy/train": straight(1, until),
                "loss/train": lambda epoch, step, seed: exp(-epoch),
                "coherence_r/train": constant(r, spread=1),
                "coherence_r/held_out": constant(r / 2),
            }
            tables.append(runs({"network": network, "data/labels": kind}, curves, range(until + 1), 5, seeds))
    return together(*tables)


def one(accuracy: Curve, r: Curve, **more: Curve) -> pandas.DataFrame:
    """AlexNet on real labels, 13 epochs of 5 steps."""
    curves = {"accuracy/train": accuracy, "coherence_r/train": r, **more}
    return runs({"network": "alexnet", "data/labels": "clean"}, curves, range(13), 5)


def epoch_and_seed(epoch: int, step: int, seed: int) -> float:
    return epoch + seed


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def drawn(panel: Axes) -> list[str]:
    """The labels of its lines, and of what else it has."""
    return [label(line) for line in panel.lines if label(line)[0] != "_"]


REAL = fig3.line("alexnet", "clean")


def test_training_is_from_after_25_steps_until_the_fit() -> None:
    table = one(straight(1, 10), epoch_and_seed)
    during = fig3.during(table, REAL)
    assert sorted(set(during.step)) == [30, 35, 40, 45]  # neither the 25th step nor the 50th, at which it is fitted
    assert fig3.medians(table, REAL).to_dict() == {0: 7.5, 1: 8.5}


def test_a_run_that_is_not_fitted_is_training_until_its_end() -> None:
    """Each run by itself: seed 0 has a train accuracy of .99 at epoch 8, and less again later; seed 1 never has."""
    table = one(lambda epoch, step, seed: 0.99 if (epoch, seed) == (8, 0) else 0.989, epoch_and_seed)
    found = fig3.during(table, REAL).groupby("seed").epoch
    assert (found.min().to_dict(), found.max().to_dict()) == ({0: 6, 1: 6}, {0: 7, 1: 12})
    assert fig3.medians(table, REAL).to_dict() == {0: 6.5, 1: 10}


def test_a_measurement_counts_until_the_next_one() -> None:
    """Of epochs 6 to 9: measured at 6, 7 and 8, or at 6 and 9 alone. By measurements each counts once."""
    table = one(straight(1, 10), epoch_and_seed)

    def medians(*epochs: int, by: str = "epochs") -> dict[int, float]:
        measured = (table.metric != "coherence_r") | table.epoch.isin(epochs)
        return fig3.medians(table[measured].sample(frac=1, random_state=0), REAL, by).to_dict()

    assert medians(0, 6, 7, 8, 10, 12) == {0: 7.5, 1: 8.5}  # 6, 7, 8, 8
    assert medians(0, 6, 9, 10) == {0: 6, 1: 7}  # 6, 6, 6, 9
    assert medians(0, 6, 9) == {0: 6, 1: 7}  # the last of a run counts once
    assert medians(0, 6, 8, 12) == {0: 7, 1: 8}  # 6, 6, 8, 8: none after the fit
    assert medians(0, 6, 9, 10, by="measurements") == {0: 7.5, 1: 8.5}


def test_of_held_out_images_it_is_the_train_accuracy_that_counts() -> None:
    table = one(
        straight(1, 10), constant(9), **{"coherence_r/held_out": epoch_and_seed, "accuracy/held_out": lambda *_: 1}
    )
    assert fig3.medians(table, fig3.line("alexnet", "clean", "held_out")).to_dict() == {
        0: 7.5,
        1: 8.5,
    }


def test_r_is_measured_more_seldom_than_the_loss() -> None:
    table = one(straight(1, 10), epoch_and_seed, **{"loss/train": lambda epoch, step, seed: 8 - epoch / 4 + seed})
    found = beside(table[(table.metric != "coherence_r") | table.epoch.isin([0, 1, 4])], REAL, "loss")
    by_seed = [list(zip(run.train_loss, run.value, strict=True)) for _, run in found.groupby("run")]
    assert by_seed == [[(8, 0), (7.75, 1), (7, 4)], [(9, 1), (8.75, 2), (8, 5)]]


def test_r_over_epochs_above_and_over_the_loss_below() -> None:
    figure = fig3.draw(made(("mlp_1x512", "alexnet")))
    above, below = figure.axes[:2], figure.axes[2:]
    assert [panel.get_title() for panel in above] == ["AlexNet", "MLP 1x512"]
    for panel in above:
        assert (panel.get_xscale(), panel.get_yscale(), panel.get_xlabel()) == ("symlog", "log", "epochs")
        assert drawn(panel) == ALL
        assert len(panel.lines) == 4 * (2 + 1) + 1  # two runs and their mean each; r of orthogonal gradients
        means = {label(line): set(ys(line)) for line in panel.lines if label(line) in ALL}
        assert means == dict(zip(ALL, ({20.5}, {10}, {4.5}, {2}), strict=True))
    for panel in below:
        assert (panel.get_xscale(), panel.get_yscale(), panel.get_xlabel()) == ("log", "log", "train loss (nats)")
        assert panel.xaxis_inverted()
        assert words(panel) == ALL
        assert len(panel.lines) == 4 * 2 + 1
        assert xs(panel.lines[1]).tolist() == pytest.approx([exp(-epoch) for epoch in range(11)])
        assert set(ys(panel.lines[1])) == {21}  # of the second seed
    for panel in figure.axes:
        assert list(ys(panel.lines[-1])) == [1, 1]
        looks = {(line.get_color(), line.get_linestyle()) for line in panel.lines[:-1]}
        assert looks == {(color, style) for color in (style.PLAIN, style.MEMORIZE) for style in ("-", "--")}


def test_the_loss_is_in_the_csv() -> None:
    thinned = thin(made(("alexnet", "inception")), losses=fig3.LOSSES)
    assert beside(thinned, REAL, "loss").train_loss.tolist() == pytest.approx([exp(-epoch) for epoch in range(11)] * 2)


def test_the_summary_says_r_during_training_and_the_ratio_of_the_same_seed() -> None:
    assert fig3.summary(made(("alexnet", "inception"))).splitlines() == [
        f"{name}, {text}"
        for name in ("Inception", "AlexNet")
        for text in (
            "train: median r 20 to 21 on real, 4 to 5 on random labels, ratio 4.20 to 5.00",
            "held-out: median r 10 on real, 2 on random labels, ratio 5.00",
        )
    ]
    fast = together(made(labels=("clean",), until=6), made(labels=("random",)))  # fitted after 30 steps
    assert fig3.summary(fast).startswith("AlexNet, train: median r never on real, 4 to 5 on random labels\n")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (made(labels=("clean",)), "network=alexnet, data/labels=random"),
        (together(made(), made(labels=("clean",), seeds=(2,))), "same seeds.*random labels, train: 0, 1"),
        (made().drop(columns="network"), "over network="),
        (made().query("metric != 'coherence_r' or split != 'held_out'"), "no run measured coherence_r/held_out"),
    ],
)
def test_it_refuses_when_runs_are_missing(table: pandas.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        fig3.draw(table)
