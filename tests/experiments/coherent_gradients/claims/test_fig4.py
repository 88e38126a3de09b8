"""Claims about aggregators."""

from collections.abc import Mapping
from functools import partial

import asking
import pandas
import pytest
from asking import Case, Of, always, at, check_bound
from tables import runs, together

from rotelab.claims.verdicts import NOT_MEASURED
from rotelab.experiments.coherent_gradients.claims import fig4

ask = partial(asking.ask, fig4.CLAIMS)

SEEDS = (0, 1, 2)


def last_accuracies(values: Mapping[str, Mapping[str, float | Of]]) -> pandas.DataFrame:
    """Last accuracies of each aggregator, by split; before, they are alike."""
    tables = []
    for aggregator, splits in values.items():
        curves = {f"accuracy/{split}": at({10: value}, 0.5) for split, value in splits.items()}
        tables.append(runs({"aggregator": aggregator}, curves, seeds=SEEDS))
    return together(*tables)


def wrong(aggregator: str, value: Of) -> pandas.DataFrame:
    return last_accuracies({aggregator: {"train_corrupted": value, "train_clean": 0.5}})


def right(aggregator: str, value: Of) -> pandas.DataFrame:
    return last_accuracies({"mean": {"train_clean": 0.8}, aggregator: {"train_clean": lambda seed: 0.8 * value(seed)}})


def gap(aggregator: str, value: Of, learned: float = 0.9) -> pandas.DataFrame:
    """.5 under SGD."""
    smaller = {"train": lambda seed: 0.8 + value(seed), "held_out": 0.3, "train_clean": learned}
    return last_accuracies({"mean": {"train": 0.9, "held_out": 0.4, "train_clean": 0.9}, aggregator: smaller})


def delay(value: Of) -> pandas.DataFrame:
    means = {"train_corrupted": lambda seed: 0.2 + value(seed)}
    return last_accuracies({"rolling_mean": means, "rolling_median": {"train_corrupted": 0.2}})


DELAY = "It is the median that does it, not the age of the gradients"
CASES: dict[str, Case] = {
    "SGD learns the wrong labels as well": (partial(wrong, "mean"), 0.91, 0.89),
    DELAY: (delay, 0.11, 0.09),
}
for key, name in (("median", "M3"), ("rolling_median", "RM3")):
    CASES[f"{name} learns hardly any wrong label"] = (partial(wrong, key), 0.19, 0.21)
    CASES[f"{name} learns the right labels nearly as well as SGD"] = (partial(right, key), 0.91, 0.89)
    CASES[f"{name} has a smaller generalization gap than SGD"] = (partial(gap, key), -0.1, 0.1)

CANNOT = {
    "it learned 0.50 of the right labels that SGD did": (
        "M3 has a smaller generalization gap than SGD",
        gap("median", always(-0.1), learned=0.45),
    ),
    "no finished run of aggregator=rolling_median": (DELAY, wrong("rolling_mean", always(5))),
}


@pytest.mark.parametrize("text", CASES)
def test_it_holds_fails_or_is_undecided(text: str) -> None:
    """On either side of its bound, and with seeds on both."""
    check_bound(fig4.CLAIMS, text, CASES[text])


def test_every_claim_is_asked_here() -> None:
    assert sorted(claim.text for claim in fig4.CLAIMS) == sorted(CASES)


@pytest.mark.parametrize("words", CANNOT)
def test_what_the_runs_cannot_answer_is_not_measured(words: str) -> None:
    found = ask(*CANNOT[words])
    assert found.verdict == NOT_MEASURED
    assert words in found.ours
