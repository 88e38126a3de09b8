"""The order of learning, from made-up tables: right and wrong labels, and whether agreement tells what comes next."""

from collections.abc import Iterator

import drawn
import matplotlib.pyplot as plt
import pandas
import pytest
from drawn import label, legend, words, ys
from matplotlib.axes import Axes
from tables import constant, runs, straight, together

from rotelab.experiments.coherent_gradients import order
from rotelab.figures.networks import NETWORKS

ALEXNET, MLP = NETWORKS["alexnet"], NETWORKS["mlp_1x512"]


def made(
    networks: tuple[str, ...] = ("alexnet",),
    fractions: tuple[float, ...] = (0, 0.5),
    seeds: tuple[int, ...] = (0, 1),
) -> pandas.DataFrame:
    """Told apart with a probability from .5 to .7 in ten epochs, .1 more with every seed and with half of the labels
    wrong."""
    tables = []
    for network in networks:
        for fraction in fractions:
            more = fraction / 5
            curves = {
                "agreement_told_apart/learned": lambda epoch, step, seed, more=more: (
                    0.5 + epoch / 50 + seed / 10 + more
                ),
                "agreement/train": constant(0.0),
                "accuracy/train": straight(1, 10),
            }
            if fraction:
                values = {"accuracy": (0.8, 0.2), "coherence_share": (0.7, 0.3), "agreement": (0.06, -0.02)}
                for metric, (right, wrong) in values.items():
                    curves |= {f"{metric}/train_clean": constant(right), f"{metric}/train_corrupted": constant(wrong)}
            where = {"network": network, "data.labels.fraction": fraction}
            tables.append(runs(where, curves, seeds=seeds))
    return together(*tables)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def means(panel: Axes) -> dict[str, float]:
    """Last value by label."""
    return {label(line): ys(line)[-1] for line in panel.lines if label(line)[0] != "_"}


def test_told_apart_is_the_mean_over_all_measurements() -> None:
    table = made(("alexnet", "mlp_1x512"))
    assert order.told_apart(table, "alexnet", 0.0).to_dict() == pytest.approx({0: 0.6, 1: 0.7})
    assert order.told_apart(table, "mlp_1x512", 0.5).to_dict() == pytest.approx({0: 0.7, 1: 0.8})
    some = table[table.epoch.isin([0, 1, 5])]  # .5, .52 and .6
    assert order.told_apart(some, "alexnet", 0.0).to_dict() == pytest.approx({0: 0.54, 1: 0.64})


def test_four_panels_of_right_and_wrong_labels() -> None:
    figure = order.draw(made(("mlp_1x512", "alexnet")))
    first, share, agreement, apart = figure.axes
    assert [panel.get_ylabel() for panel in figure.axes] == [
        "accuracy on the labels trained on",
        "share of the step",
        "mean cosine with the others' gradients",
        "P(agreed more, if learned next)",
    ]
    for panel, (right, wrong) in ((first, (0.8, 0.2)), (share, (0.7, 0.3)), (agreement, (0.06, -0.02))):
        assert means(panel) == pytest.approx(
            {
                "AlexNet, right labels": right,
                "AlexNet, wrong labels": wrong,
                "MLP 1x512, right labels": right,
                "MLP 1x512, wrong labels": wrong,
            }
        )
    assert means(apart) == pytest.approx(
        {
            "AlexNet, all labels right": 0.75,
            "AlexNet, half of them wrong": 0.85,
            "MLP 1x512, all labels right": 0.75,
            "MLP 1x512, half of them wrong": 0.85,
        }
    )
    for panel in figure.axes:
        assert (panel.get_xscale(), panel.get_yscale(), panel.get_xlabel()) == ("symlog", "linear", "epochs")
        looks = [(line.get_color(), line.get_linestyle()) for line in legend(panel).get_lines()]
        assert looks == [(of.color, look) for of in (ALEXNET, MLP) for look in ("-", "--")]
        assert words(panel) == list(means(panel))


def test_what_means_nothing_is_black() -> None:
    """Half of the step, no agreement, a coin; accuracy has no such line. Two runs and their mean of each line."""
    first, *others = order.draw(made()).axes
    assert (len(drawn.curves(first)), drawn.chance(first)) == (2 * (2 + 1), [0.1])
    for panel, level in zip(others, (0.5, 0, 0.5), strict=True):
        *_, black = panel.lines
        assert (black.get_color(), list(ys(black))) == ("black", [level, level])
        assert len(panel.lines) == 2 * (2 + 1) + 1


def test_the_summary_says_how_well_they_are_told_apart() -> None:
    assert order.summary(made(("mlp_1x512", "alexnet"))).splitlines() == [
        f"{name}, {text}"
        for name in ("AlexNet", "MLP 1x512")
        for text in ("all labels right: told apart 0.600 to 0.700", "half of them wrong: told apart 0.700 to 0.800")
    ]
    never = made().query("metric != 'agreement_told_apart' or `data.labels.fraction` == 0")
    assert order.summary(never).endswith("\nAlexNet, half of them wrong: told apart never measured")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (made(fractions=(0,)), r"network=alexnet, data.labels.fraction=0\.5"),
        (made(fractions=(0.5,)), r"network=alexnet, data.labels.fraction=0\.0"),
        (made().drop(columns="network"), "over network="),
        (together(made(), made(("mlp_1x512",), seeds=(0,))), "same seeds.*MLP 1x512, right labels: 0;"),
        (together(made(), made(fractions=(0,), seeds=(2,))), "same seeds.*all labels right: 0, 1, 2;"),
        (made().query("metric != 'coherence_share'"), "no run measured coherence_share/train_clean"),
        (made().query("split != 'learned'"), "no run measured agreement_told_apart/learned"),
    ],
)
def test_it_refuses_when_runs_are_missing(table: pandas.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        order.draw(table)
