"""Claims about r on real and on random labels."""

from collections.abc import Mapping
from functools import partial

import asking
import pandas
import pytest
from asking import Case, Of, always, at, but, check_bound
from tables import Curve, constant, runs, together

from rotelab.claims.verdicts import DEPENDS, NOT_MEASURED
from rotelab.experiments.coherent_gradients.claims import fig3
from rotelab.figures.networks import NAMES

ask = partial(asking.ask, fig3.CLAIMS)

SEEDS = (0, 1, 2)


Curves = Mapping[str, Curve]


# Fifteen epochs of 4 steps; more than 25 of them were taken from epoch 7 on, fitted is from epoch 12 on
FITTED = dict.fromkeys(("clean", "random"), at(dict.fromkeys((12, 13, 14), 0.99), 0.98))


def labels(network: str, real: Curves, random: Curves, train: Curves = FITTED) -> pandas.DataFrame:
    tables = []
    for name, measures in (("clean", real), ("random", random)):
        curves = {"accuracy/train": train[name]} | {f"coherence_{name}": curve for name, curve in measures.items()}
        tables.append(runs({"network": network, "data/labels": name}, curves, range(15), seeds=SEEDS))
    return together(*tables)


def median(value: Of, other: float = 1000.0) -> Curve:
    """While it is learned, ``value`` is the median, not the mean; before and after, r is ``other``."""
    return at({7: 0.1, 8: value, 9: value, 10: value, 11: 900}, other)


def ratios(network: str, train: Of, held_out: Of, accuracy: Curves = FITTED) -> pandas.DataFrame:
    real = {"r/train": median(lambda seed: 4 * train(seed)), "r/held_out": median(lambda seed: 4 * held_out(seed))}
    random = dict.fromkeys(("r/train", "r/held_out"), median(always(4), other=0.01))
    return labels(network, real, random, accuracy)


def ratio(network: str, value: Of) -> pandas.DataFrame:
    return ratios(network, value, value)


def first(value: Of) -> pandas.DataFrame:
    return labels("alexnet", {"alpha/train": at({0: value}, 0.05)}, {"alpha/train": constant(0.05)})


def last(network: str, value: Of, accuracy: Curves = FITTED) -> pandas.DataFrame:
    return labels(network, {"r/train": at({14: value}, 50)}, {"r/train": constant(50)}, accuracy)


HALVES = FITTED | {"random": at({7: 0.2, 8: 0.4, 9: 0.5, 10: 0.7, 11: 0.9, 12: 0.99, 13: 0.99, 14: 0.99}, 0.1)}


def rise(network: str, value: Of, accuracy: Curves = HALVES) -> pandas.DataFrame:
    """From 4 by so many doublings in the median of epochs 9 to 11, in which half of the labels are learned."""
    most = {7: 4, 8: 3, 9: lambda seed: 4 * 2 ** value(seed), 10: 900, 11: 2}
    return labels(network, {"r/train": constant(4)}, {"r/train": at(most, 1000)}, accuracy)


def layers(value: Of) -> pandas.DataFrame:
    """Convolutions of 6 and 2, so often doubled, and linear layers of 1, 4 and 7: the means are alike."""
    convolutions = [median(lambda seed, of=of: of * 2 ** value(seed)) for of in (6, 2)]
    every = [*convolutions, *(median(always(of)) for of in (1, 4, 7))]
    measures = {f"r_layer{number:02}/train": curve for number, curve in enumerate(every, start=1)}
    return labels("alexnet", measures, dict.fromkeys(measures, constant(1)))


HELPS, EARLY, ITSELF, RISES = (
    "AlexNet: an example helps several times as many others on real labels as on random ones",
    "AlexNet: ... and so it does early, where log-spaced measurements are dense",
    "AlexNet: when all real labels are fitted, an example helps itself alone",
    "AlexNet: on random labels r is low at first and rises while they are learned",
)
CASES: dict[str, Case] = {
    "At the start all gradients are nearly alike": (first, 0.51, 0.49),
    "Convolutions are more coherent than linear layers": (layers, 0.1, 0.0),
}
for key in fig3.NETWORKS:
    for text in (HELPS, EARLY):
        CASES[text.replace("AlexNet", NAMES[key])] = (partial(ratio, key), 3.1, 2.9)
    CASES[ITSELF.replace("AlexNet", NAMES[key])] = (partial(last, key), 1.9, 2.1)
    CASES[RISES.replace("AlexNet", NAMES[key])] = (partial(rise, key), 1.1, 0.9)

FIVE = always(5)
SLOW = FITTED | {"random": constant(0.5, spread=0.2)}  # of three seeds .5, .7 and .9
REAL_R = "metric == 'coherence_r' and `data/labels` == 'clean'"
CANNOT = {
    "no finished run of network=alexnet, data/labels=clean": (HELPS, ratio("inception", FIVE)),
    "AlexNet had a train accuracy of 0.50 on random labels": (HELPS, ratios("alexnet", FIVE, FIVE, SLOW)),
    "while they were learned in 1 of 3": (
        HELPS,
        but(ratio("alexnet", FIVE), f"{REAL_R} and 7 <= epoch < 12 and seed > 0"),
    ),
    "accuracy of 0.98 on real labels": (ITSELF, last("alexnet", FIVE, FITTED | {"clean": constant(0.98)})),
    "split was fitted in 2 of 3 seeds": (ITSELF, but(last("alexnet", FIVE), f"{REAL_R} and epoch >= 12 and seed == 2")),
    "r was 1.9 to 2.1 in the median while they were learned: it can't fall": (
        ITSELF,
        labels("alexnet", {"r/train": constant(1.9, spread=0.1)}, {"r/train": constant(50)}),
    ),
    "before and after half of the labels were learned in 0 of 3 seeds": (
        RISES,
        but(rise("alexnet", FIVE), f"{REAL_R.replace('clean', 'random')} and 9 <= epoch < 12"),
    ),
    "of 0.50 on random labels": (RISES, rise("alexnet", FIVE, SLOW)),
}


@pytest.mark.parametrize("text", CASES)
def test_it_holds_fails_or_is_undecided(text: str) -> None:
    """On either side of its bound, and with seeds on both."""
    check_bound(fig3.CLAIMS, text, CASES[text])


def test_every_claim_is_asked_here() -> None:
    assert sorted(claim.text for claim in fig3.CLAIMS) == sorted(CASES)


@pytest.mark.parametrize("words", CANNOT)
def test_what_the_runs_cannot_answer_is_not_measured(words: str) -> None:
    found = ask(*CANNOT[words])
    assert found.verdict == NOT_MEASURED
    assert words in found.ours


def test_units_may_differ() -> None:
    """Train and held-out images."""
    found = ask(HELPS, ratios("alexnet", always(5), always(2)))
    assert {unit: at.mean for unit, at in found.intervals.items()} == {"train": 5, "held-out": 2}
    assert found.verdict == DEPENDS


def test_epochs_and_measurements_may_differ() -> None:
    """Measured at epochs 7, 8, 9 and 11 of those before 12: the last but one counts for two epochs."""
    table = ratios("alexnet", always(5), always(5))
    real = table["data/labels"] == "clean"
    for epoch, value in {7: 4, 8: 8, 9: 40, 11: 40}.items():
        table.loc[real & (table.metric == "coherence_r") & (table.epoch == epoch), "value"] = value
    measured = (table.metric != "coherence_r") | table.epoch.isin([0, 7, 8, 9, 11, 12])
    table.loc[~real & (table.metric == "coherence_r"), "value"] = 4
    over_epochs, of_measurements = (ask(text, table[measured]) for text in (HELPS, EARLY))
    assert [at.mean for at in over_epochs.intervals.values()] == [10, 10]  # of 4, 8, 40, 40, 40
    assert [at.mean for at in of_measurements.intervals.values()] == [6, 6]  # of 4, 8, 40, 40
