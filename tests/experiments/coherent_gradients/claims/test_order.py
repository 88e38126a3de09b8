"""Claims about the order of learning."""

from collections.abc import Mapping
from functools import partial
from math import log2

import asking
import pandas
import pytest
from asking import Case, Of, always, at, but, check_bound
from tables import Curve, runs, together

from rotelab.claims.verdicts import DEPENDS, NOT_MEASURED
from rotelab.experiments.coherent_gradients.claims import order
from rotelab.figures.networks import NAMES

ask = partial(asking.ask, order.CLAIMS)

SEEDS = (0, 1, 2)


Curves = Mapping[str, Curve]


def learning(network: str, curves: Curves, fractions: tuple[float, ...] = (0.5,)) -> pandas.DataFrame:
    where = ({"network": network, "data.labels.fraction": fraction} for fraction in fractions)
    return together(*(runs(of, curves, range(20), seeds=SEEDS) for of in where))


def later(network: str, value: Of) -> pandas.DataFrame:
    """Half of the right labels after 8 epochs, and of the wrong ones after so many doublings of that."""

    def of_wrong(epoch: int, step: int, seed: int) -> float:
        return 0.5 if epoch >= round(8 * 2 ** value(seed)) else 0.4

    half = at(dict.fromkeys(range(8, 20), 0.5), 0.4)
    return learning(network, {"accuracy/train_clean": half, "accuracy/train_corrupted": of_wrong})


TRAIN = at({9: 0.5, 10: 0.5, 11: 0.9, 12: 0.98} | dict.fromkeys(range(13, 20), 0.99), 0.49)
"""The train accuracy: below .5 after 25 steps at epochs 7 and 8, from .9 to .99 at epochs 11 and 12."""


def share(split: str, epochs: tuple[int, int], network: str, value: Of) -> pandas.DataFrame:
    """``value`` is the mean at the two epochs; at others all of the step is of this split, or none of it."""
    low, high = (lambda seed: value(seed) - 0.2), (lambda seed: value(seed) + 0.2)
    curve = at(dict(zip(epochs, (low, high), strict=True)) | dict.fromkeys(range(7), 1.0), 0.0)
    return learning(network, {"accuracy/train": TRAIN, f"coherence_share/{split}": curve})


def apart(network: str, value: Of) -> pandas.DataFrame:
    """The mean, of .1 more and .1 less in turn."""

    def curve(epoch: int, step: int, seed: int) -> float:
        return value(seed) + 0.1 * (-1) ** epoch

    return learning(network, {"agreement_told_apart/learned": curve}, (0, 0.5))


FIRST, MOST, AT_LAST, AGREE = (
    "AlexNet: right labels are learned before wrong ones",
    "AlexNet: right labels make most of the step at first",
    "AlexNet: ... and wrong ones at last",
    "AlexNet: examples that are learned next have gradients that agree more with the others'",
)
CASES: dict[str, Case] = {}
for key in ("alexnet", "mlp_1x512"):
    CASES[FIRST.replace("AlexNet", NAMES[key])] = (partial(later, key), log2(9 / 8), 0.0)
    CASES[MOST.replace("AlexNet", NAMES[key])] = (partial(share, "train_clean", (7, 8), key), 0.51, 0.49)
    CASES[AT_LAST.replace("AlexNet", NAMES[key])] = (partial(share, "train_corrupted", (11, 12), key), 0.51, 0.49)
    CASES[AGREE.replace("AlexNet", NAMES[key])] = (partial(apart, key), 0.51, 0.49)

FIVE = always(5)
CANNOT = {
    "labels were learned in 1 of 3 seeds": (FIRST, but(later("alexnet", always(0)), "epoch >= 8 and seed < 2")),
    "accuracies from 0.0 to 0.5 in 2 of 3 seeds": (MOST, but(CASES[MOST][0](FIVE), "7 <= epoch <= 8 and seed == 0")),
    "accuracies from 0.9 to 0.99 in 0 of 3 seeds": (AT_LAST, but(CASES[AT_LAST][0](FIVE), "11 <= epoch <= 12")),
    "no finished run of network=alexnet, data.labels.fraction=0.0": (
        AGREE,
        learning("alexnet", {"accuracy/train": TRAIN}),
    ),
}


@pytest.mark.parametrize("text", CASES)
def test_it_holds_fails_or_is_undecided(text: str) -> None:
    """On either side of its bound, and with seeds on both."""
    check_bound(order.CLAIMS, text, CASES[text])


def test_every_claim_is_asked_here() -> None:
    assert sorted(claim.text for claim in order.CLAIMS) == sorted(CASES)


@pytest.mark.parametrize("words", CANNOT)
def test_what_the_runs_cannot_answer_is_not_measured(words: str) -> None:
    found = ask(*CANNOT[words])
    assert found.verdict == NOT_MEASURED
    assert words in found.ours


def test_units_may_differ() -> None:
    """All labels right, and half of them wrong."""
    table = apart("alexnet", always(0.6))
    table.loc[table["data.labels.fraction"] == 0.5, "value"] -= 0.2
    found = ask(AGREE, table)
    assert {unit: at.mean for unit, at in found.intervals.items()} == {
        "all labels right": pytest.approx(0.6),
        "half of them wrong": pytest.approx(0.4),
    }
    assert found.verdict == DEPENDS
