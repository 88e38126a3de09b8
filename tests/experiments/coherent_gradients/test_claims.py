"""Every question to the coherence sweeps: tables for which a claim holds, fails, is undecided, or can't be asked."""

from collections.abc import Callable, Mapping
from functools import partial
from math import log2

import pandas
import pytest
from tables import Curve, constant, runs, together

from rotelab.claims.claim import Answer, Claim, answer
from rotelab.claims.verdicts import DEPENDS, FAILS, HOLDS, NOT_MEASURED, UNDECIDED
from rotelab.experiments.coherent_gradients import claims

SEEDS = (0, 1, 2)
NAMES = {"alexnet": "AlexNet", "mlp_1x512": "MLP 1x512", "inception": "Inception"}
Of = Callable[[int], float]
"""A number by seed: the one that the claim is about."""


def ask(text: str, table: pandas.DataFrame) -> Answer:
    (asked,) = (claim for claim in claims.CLAIMS if claim.text == text)
    (sweep,) = asked.sweep
    return answer(asked, {sweep: table}, "small")


def always(value: float) -> Of:
    return lambda seed: value


def at(values: Mapping[int, float | Of], other: float) -> Curve:
    """By epoch, and ``other`` at all that are not named."""

    def curve(epoch: int, step: int, seed: int) -> float:
        value = values.get(epoch, other)
        return value(seed) if callable(value) else value

    return curve


# Figure 3: fifteen epochs of 4 steps; more than 25 of them were taken from epoch 7 on, fitted is from epoch 12 on

Curves = Mapping[str, Curve]
FITTED = dict.fromkeys(("clean", "random"), at(dict.fromkeys((12, 13, 14), 0.99), 0.98))


def fig3(network: str, real: Curves, random: Curves, train: Curves = FITTED) -> pandas.DataFrame:
    tables = []
    for labels, measures in (("clean", real), ("random", random)):
        curves = {"accuracy/train": train[labels]} | {f"coherence_{name}": curve for name, curve in measures.items()}
        tables.append(runs({"network": network, "data/labels": labels}, curves, range(15), seeds=SEEDS))
    return together(*tables)


def median(value: Of, other: float = 1000.0) -> Curve:
    """While it is learned, ``value`` is the median, not the mean; before and after, r is ``other``."""
    return at({7: 0.1, 8: value, 9: value, 10: value, 11: 900}, other)


def ratios(network: str, train: Of, held_out: Of, accuracy: Curves = FITTED) -> pandas.DataFrame:
    real = {"r/train": median(lambda seed: 4 * train(seed)), "r/held_out": median(lambda seed: 4 * held_out(seed))}
    random = dict.fromkeys(("r/train", "r/held_out"), median(always(4), other=0.01))
    return fig3(network, real, random, accuracy)


def ratio(network: str, value: Of) -> pandas.DataFrame:
    return ratios(network, value, value)


def first(value: Of) -> pandas.DataFrame:
    return fig3("alexnet", {"alpha/train": at({0: value}, 0.05)}, {"alpha/train": constant(0.05)})


def last(network: str, value: Of, accuracy: Curves = FITTED) -> pandas.DataFrame:
    return fig3(network, {"r/train": at({14: value}, 50)}, {"r/train": constant(50)}, accuracy)


def rise(network: str, value: Of, accuracy: Curves = FITTED) -> pandas.DataFrame:
    """From 4 by so many doublings, with less before and after that."""
    most = {7: 4, 8: 3, 9: lambda seed: 4 * 2 ** value(seed), 10: 4, 11: 2}
    return fig3(network, {"r/train": constant(4)}, {"r/train": at(most, 1000)}, accuracy)


def layers(value: Of) -> pandas.DataFrame:
    """Convolutions of 6 and 2, so often doubled, and linear layers of 1, 4 and 7: the means are alike."""
    convolutions = [median(lambda seed, of=of: of * 2 ** value(seed)) for of in (6, 2)]
    every = [*convolutions, *(median(always(of)) for of in (1, 4, 7))]
    measures = {f"r_layer{number:02}/train": curve for number, curve in enumerate(every, start=1)}
    return fig3("alexnet", measures, dict.fromkeys(measures, constant(1)))


# Figure 4


def fig4(values: Mapping[str, Mapping[str, float | Of]]) -> pandas.DataFrame:
    """Last accuracies of each aggregator, by split; before, they are alike."""
    tables = []
    for aggregator, splits in values.items():
        curves = {f"accuracy/{split}": at({10: value}, 0.5) for split, value in splits.items()}
        tables.append(runs({"aggregator": aggregator}, curves, seeds=SEEDS))
    return together(*tables)


def wrong(aggregator: str, value: Of) -> pandas.DataFrame:
    return fig4({aggregator: {"train_corrupted": value, "train_clean": 0.5}})


def right(aggregator: str, value: Of) -> pandas.DataFrame:
    return fig4({"mean": {"train_clean": 0.8}, aggregator: {"train_clean": lambda seed: 0.8 * value(seed)}})


def gap(aggregator: str, value: Of) -> pandas.DataFrame:
    """.5 under SGD."""
    smaller = {"train": lambda seed: 0.8 + value(seed), "held_out": 0.3}
    return fig4({"mean": {"train": 0.9, "held_out": 0.4}, aggregator: smaller})


def delay(value: Of) -> pandas.DataFrame:
    means = {"train_corrupted": lambda seed: 0.2 + value(seed)}
    return fig4({"rolling_mean": means, "rolling_median": {"train_corrupted": 0.2}})


# Objectives


def common(over: tuple[str, str], under: tuple[str, str], value: Of) -> pandas.DataFrame:
    """Train accuracies of .2, .3 and .4 for the one and .3, .4 and .5 for the other, so that they share .3 and .4."""
    r = {1: 9, 2: lambda seed: 6 * 2 ** value(seed), 3: lambda seed: 2 ** value(seed)}
    two = (over, {1: 0.2, 2: 0.3, 3: 0.4}, r), (under, {1: 0.3, 2: 0.4, 3: 0.5}, {1: 3, 2: 2, 3: 9})
    tables = []  # in doublings one more than the value at .3, and one less at .4
    for (objective, inputs), accuracies, r in two:
        curves = {"accuracy/train": at(accuracies, 0.1), "coherence_r/train": at(r, 99)}
        tables.append(runs({"objective": objective, "data/inputs": inputs}, curves, range(4), seeds=SEEDS))
    return together(*tables)


# The order of learning


def order(network: str, curves: Curves, fractions: tuple[float, ...] = (0.5,)) -> pandas.DataFrame:
    where = ({"network": network, "data.labels.fraction": fraction} for fraction in fractions)
    return together(*(runs(of, curves, range(20), seeds=SEEDS) for of in where))


def later(network: str, value: Of) -> pandas.DataFrame:
    """Half of the right labels after 8 epochs, and of the wrong ones after so many doublings of that."""

    def of_wrong(epoch: int, step: int, seed: int) -> float:
        return 0.5 if epoch >= round(8 * 2 ** value(seed)) else 0.4

    half = at(dict.fromkeys(range(8, 20), 0.5), 0.4)
    return order(network, {"accuracy/train_clean": half, "accuracy/train_corrupted": of_wrong})


TRAIN = at({9: 0.5, 10: 0.5, 11: 0.9, 12: 0.98} | dict.fromkeys(range(13, 20), 0.99), 0.49)
"""The train accuracy: below .5 after 25 steps at epochs 7 and 8, from .9 to .99 at epochs 11 and 12."""


def share(split: str, epochs: tuple[int, int], network: str, value: Of) -> pandas.DataFrame:
    """``value`` is the mean at the two epochs; at others all of the step is of this split, or none of it."""
    low, high = (lambda seed: value(seed) - 0.2), (lambda seed: value(seed) + 0.2)
    curve = at(dict(zip(epochs, (low, high), strict=True)) | dict.fromkeys(range(7), 1.0), 0.0)
    return order(network, {"accuracy/train": TRAIN, f"coherence_share/{split}": curve})


def apart(network: str, value: Of) -> pandas.DataFrame:
    """The mean, of .1 more and .1 less in turn."""

    def curve(epoch: int, step: int, seed: int) -> float:
        return value(seed) + 0.1 * (-1) ** epoch

    return order(network, {"agreement_told_apart/learned": curve}, (0, 0.5))


# All of them

HELPS, EARLY, ITSELF, RISES = (
    "AlexNet: an example helps several times as many others on real labels as on random ones",
    "AlexNet: ... and so it does early, where log-spaced measurements are dense",
    "AlexNet: when all real labels are fitted, an example helps itself alone",
    "AlexNet: on random labels r is low at first and rises while they are learned",
)
FIRST, MOST, AT_LAST, AGREE = (
    "AlexNet: right labels are learned before wrong ones",
    "AlexNet: right labels make most of the step at first",
    "AlexNet: ... and wrong ones at last",
    "AlexNet: examples that are learned next have gradients that agree more with the others'",
)
DELAY = "It is the median that does it, not the age of the gradients"
MEMORIZING = "Memorizing images by gradient splitting is less coherent than learning"
IMAGES, NOISE, SPLIT = ("standard", "clean"), ("standard", "gaussian_blend"), ("split", "clean")

CASES: dict[str, tuple[Callable[[Of], pandas.DataFrame], float, float]] = {
    "At the start all gradients are nearly alike": (first, 0.51, 0.49),
    "Convolutions are more coherent than linear layers": (layers, 0.1, 0.0),
    "SGD learns the wrong labels as well": (partial(wrong, "mean"), 0.91, 0.89),
    DELAY: (delay, 0.11, 0.09),
    f"{MEMORIZING} them": (partial(common, SPLIT, IMAGES), -0.1, 0.0),
    "... and so is memorizing them under Eq. (4)": (partial(common, ("threshold", "clean"), IMAGES), -0.1, 0.0),
    "Learning noise is less coherent than learning images": (partial(common, NOISE, IMAGES), -0.1, 0.0),
    f"{MEMORIZING} noise": (partial(common, SPLIT, NOISE), -0.1, 0.0),
}
"""From what is asked for, by seed, to a table; a number for which the claim holds, and one for which it fails."""
for key, name in NAMES.items():
    for text in (HELPS, EARLY):
        CASES[text.replace("AlexNet", name)] = (partial(ratio, key), 3.1, 2.9)
    CASES[ITSELF.replace("AlexNet", name)] = (partial(last, key), 1.9, 2.1)
    CASES[RISES.replace("AlexNet", name)] = (partial(rise, key), 1.1, 0.9)
    if key != "inception":
        CASES[FIRST.replace("AlexNet", name)] = (partial(later, key), log2(9 / 8), 0.0)
        CASES[MOST.replace("AlexNet", name)] = (partial(share, "train_clean", (7, 8), key), 0.51, 0.49)
        CASES[AT_LAST.replace("AlexNet", name)] = (partial(share, "train_corrupted", (11, 12), key), 0.51, 0.49)
        CASES[AGREE.replace("AlexNet", name)] = (partial(apart, key), 0.51, 0.49)
for key, name in (("median", "M3"), ("rolling_median", "RM3")):
    CASES[f"{name} learns hardly any wrong label"] = (partial(wrong, key), 0.19, 0.21)
    CASES[f"{name} learns the right labels nearly as well as SGD"] = (partial(right, key), 0.91, 0.89)
    CASES[f"{name} has a smaller generalization gap than SGD"] = (partial(gap, key), -0.1, 0.1)


def test_claims_are_told_apart_and_all_are_asked_here() -> None:
    assert sorted(asked.text for asked in claims.CLAIMS) == sorted(CASES)
    for asked in claims.CLAIMS:
        assert all((asked.text, asked.where, asked.paper, asked.recorded, asked.quantity, str(asked.rule)))


@pytest.mark.parametrize("asked", claims.CLAIMS, ids=lambda asked: asked.text)
def test_without_its_sweep_nothing_is_measured(asked: Claim) -> None:
    found = answer(asked, {}, "small")
    assert (found.verdict, found.ours) == (NOT_MEASURED, f"no finished run of sweep={asked.sweep[0]}")


@pytest.mark.parametrize("text", CASES)
def test_it_holds_fails_or_is_undecided(text: str) -> None:
    """On either side of its bound, and with seeds on both."""
    table, good, bad = CASES[text]
    for value, verdict in ((good, HOLDS), (bad, FAILS)):
        found = ask(text, table(always(value)))
        assert found.verdict == verdict
        assert [at.mean for at in found.intervals.values()] == pytest.approx([value] * len(found.intervals))
    assert ask(text, table(lambda seed: bad if seed else good)).verdict == UNDECIDED


def test_units_may_differ() -> None:
    """Train and held-out images; all labels right, and half of them wrong."""
    found = ask(HELPS, ratios("alexnet", always(5), always(2)))
    assert {unit: at.mean for unit, at in found.intervals.items()} == {"train": 5, "held-out": 2}
    assert found.verdict == DEPENDS
    table = apart("alexnet", always(0.6))
    table.loc[table["data.labels.fraction"] == 0.5, "value"] -= 0.2
    found = ask(AGREE, table)
    assert {unit: at.mean for unit, at in found.intervals.items()} == {
        "all labels right": pytest.approx(0.6),
        "half of them wrong": pytest.approx(0.4),
    }
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


def but(table: pandas.DataFrame, rows: str) -> pandas.DataFrame:
    """Without these."""
    return table.query(f"not ({rows})")


FIVE = always(5)
SLOW = FITTED | {"random": constant(0.5, spread=0.2)}  # of three seeds .5, .7 and .9
REAL_R = "metric == 'coherence_r' and `data/labels` == 'clean'"
THEM = partial(common, SPLIT, IMAGES, FIVE)
CANNOT = {
    "no finished run of network=alexnet, data/labels=clean": (HELPS, ratio("inception", FIVE)),
    "AlexNet had a train accuracy of 0.50 on random labels": (HELPS, ratios("alexnet", FIVE, FIVE, SLOW)),
    "while they were learned in 1 of 3": (
        HELPS,
        but(ratio("alexnet", FIVE), f"{REAL_R} and 7 <= epoch < 12 and seed > 0"),
    ),
    "accuracy of 0.98 on real labels": (ITSELF, last("alexnet", FIVE, FITTED | {"clean": constant(0.98)})),
    "split was fitted in 2 of 3 seeds": (ITSELF, but(last("alexnet", FIVE), f"{REAL_R} and epoch >= 12 and seed == 2")),
    "of 0.50 on random labels": (RISES, rise("alexnet", FIVE, SLOW)),
    "no finished run of aggregator=rolling_median": (DELAY, wrong("rolling_mean", FIVE)),
    "no finished run of objective=split": (f"{MEMORIZING} them", common(NOISE, IMAGES, FIVE)),
    "no train accuracy at which both were measured": (f"{MEMORIZING} them", but(THEM(), "epoch > 1")),
    "a common train accuracy in 2 of 3 seeds": (f"{MEMORIZING} them", but(THEM(), "epoch > 1 and seed == 1")),
    "labels were learned in 1 of 3 seeds": (FIRST, but(later("alexnet", always(0)), "epoch >= 8 and seed < 2")),
    "accuracies from 0.0 to 0.5 in 2 of 3 seeds": (MOST, but(CASES[MOST][0](FIVE), "7 <= epoch <= 8 and seed == 0")),
    "accuracies from 0.9 to 0.99 in 0 of 3 seeds": (AT_LAST, but(CASES[AT_LAST][0](FIVE), "11 <= epoch <= 12")),
    "no finished run of network=alexnet, data.labels.fraction=0.0": (
        AGREE,
        order("alexnet", {"accuracy/train": TRAIN}),
    ),
}


@pytest.mark.parametrize("words", CANNOT)
def test_what_the_runs_cannot_answer_is_not_measured(words: str) -> None:
    found = ask(*CANNOT[words])
    assert found.verdict == NOT_MEASURED
    assert words in found.ours
