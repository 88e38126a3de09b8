"""Flat minima, from made-up tables: the figure and the claims."""

from collections.abc import Iterator
from itertools import product

import matplotlib.pyplot as plt
import pandas
import pytest
from asking import Of, ask, verdict
from drawn import label, xs, ys
from tables import Curve, constant, runs, together

from rotelab.claims.verdicts import FAILS, HOLDS, NOT_MEASURED
from rotelab.experiments.flat_minima import sharpness
from rotelab.experiments.flat_minima.claims.sharpness import CLAIMS, NAMES

WITHIN = {
    measure: f"{words} means a greater test error, over learning rates and batch sizes"
    for measure, words in NAMES.items()
}
BETWEEN = {
    measure: f"Memorizing ends sharper than plain training: {words}" for measure, words in sharpness.MEASURES.items()
}
BOTH = "The measure best in both comparisons goes with the test error over learning rates and batch sizes"
BOTH_BETWEEN = "... and from plain training to memorizing"
RATES = (0.1, 0.2, 0.4)


def of(value: float, radius: float, error: Of, accuracy: float) -> dict[str, Curve]:
    return {
        "accuracy/train": constant(accuracy),
        "accuracy/held_out": lambda epoch, step, seed: 1 - error(seed),
        "generalization/parameter_radius_median": constant(radius),
        "generalization/hessian_top_eigenvalue": constant(value),
        "generalization/adaptive_sharpness": constant(value),
    }


def made(
    slope: float = 1.0,
    times: float = 2.0,
    error: Of = lambda seed: 0.5,
    came: float = 1.0,
    seeds: tuple[int, ...] = (0, 1, 2),
) -> pandas.DataFrame:
    """Of Eq. (3) sharpness grows with the rate, and the test error with it or, for a ``slope`` of -1, against it. Under
    Eq. (1) networks are so many ``times`` as sharp, and their test error is ``error``."""
    tables = []
    for place, (objective, rate) in enumerate(product(("standard", "split"), RATES)):
        place %= len(RATES)
        where = {"objective": objective, "stop.train_accuracy": 0.9, "data.batch_size": 20, "optimizer.lr": rate}
        sharp = (1 + place) * (times if objective == "split" else 1)
        plain = 0.2 + 0.05 * slope * (1 + place)
        curves = of(sharp, 1 / sharp, error if objective == "split" else lambda seed, plain=plain: plain, came)
        tables.append(runs(where, curves, range(1, 3), seeds=seeds))
    return together(*tables)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def test_a_dot_a_network_and_taus_below() -> None:
    panels = sharpness.draw(made()).axes
    for panel in panels:
        drawn = {
            label(line): sorted({*zip(xs(line).round(3).tolist(), ys(line).round(3).tolist(), strict=True)})
            for line in panel.lines
        }
        assert drawn["plain training, Eq. (3)"] == [(1.0, 0.25), (2.0, 0.3), (3.0, 0.35)]
        assert drawn["Eq. (1)"] == [(2.0, 0.5), (4.0, 0.5), (6.0, 0.5)]
        assert "tau 1.00 within Eq. (3)" in panel.get_xlabel()


def test_it_says_what_was_seen() -> None:
    said = sharpness.summary(made())
    assert "18 networks, 0 left out" in said
    assert "plain training, Eq. (3): test error 0.250 to 0.350, mean 0.300" in said
    assert "tau 1.00 within Eq. (3)" in said
    assert "under Eq. (1) 2 times that under Eq. (3) (2 to 2), sharper in 9 of 9 pairs" in said
    assert "18 networks at a train accuracy of 0.9, 0 that did not come to it left out" in sharpness.note(made())


def test_networks_that_did_not_come_to_the_accuracy_are_left_out() -> None:
    table = made()
    late = (table.objective == "split") & (table["optimizer.lr"] == 0.1) & (table.metric == "accuracy")
    table.loc[late & (table.split == "train"), "value"] = 0.5
    found, out = sharpness.networks(table)
    assert (len(found), out) == (15, 3)
    assert len(sharpness.pairs(found)) == 6


@pytest.mark.parametrize("measure", NAMES)
def test_within_plain_training(measure: str) -> None:
    assert verdict(CLAIMS, WITHIN[measure], made()) == HOLDS
    assert verdict(CLAIMS, WITHIN[measure], made(slope=-1)) == FAILS


@pytest.mark.parametrize("measure", NAMES)
def test_between_the_objectives(measure: str) -> None:
    assert verdict(CLAIMS, BETWEEN[measure], made()) == HOLDS
    (found,) = ask(CLAIMS, BETWEEN[measure], made(times=4)).intervals.values()
    assert found.mean == pytest.approx(2)
    assert verdict(CLAIMS, BETWEEN[measure], made(times=0.5)) == FAILS


def test_the_best_measure_is_asked_of_each_comparison() -> None:
    for table, expected in (
        (made(), (HOLDS, HOLDS)),
        (made(slope=-1), (FAILS, HOLDS)),
        (made(error=lambda seed: 0.1), (HOLDS, FAILS)),
        (made(times=0.5), (HOLDS, FAILS)),
    ):
        assert tuple(verdict(CLAIMS, text, table) for text in (BOTH, BOTH_BETWEEN)) == expected


@pytest.mark.parametrize(
    ("text", "table"),
    [
        (BOTH, made(seeds=(0,))),
        (BOTH, made(came=0.5)),
        (WITHIN["hessian"], made().query("`optimizer.lr` < 0.4")),
    ],
    ids=["one seed", "none came", "two settings"],
)
def test_what_cannot_be_asked(text: str, table: pandas.DataFrame) -> None:
    assert verdict(CLAIMS, text, table) == NOT_MEASURED


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (made().drop(columns="optimizer.lr"), "optimizer.lr"),
        (made().query("metric == 'accuracy'"), "no run measured"),
        (made().query("objective == 'standard'"), "objective=split"),
    ],
    ids=["settings", "measures", "objectives"],
)
def test_it_refuses_when_runs_are_missing(table: pandas.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        sharpness.draw(table)
