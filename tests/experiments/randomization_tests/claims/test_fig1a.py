"""The order in which variants of the data are fitted."""

from collections.abc import Mapping
from functools import partial
from itertools import product
from math import log2

import asking
import pandas
import pytest
from tables import late, runs, together

from rotelab.claims.verdicts import DEPENDS, FAILS, HOLDS, NOT_MEASURED
from rotelab.experiments.randomization_tests.claims import fig1a
from rotelab.figures.networks import NAMES

ask, verdict = partial(asking.ask, fig1a.CLAIMS), partial(asking.verdict, fig1a.CLAIMS)

SEEDS = (0, 1, 2)


STEPS = {"true_labels": 4, "shuffled_pixels": 6, "gaussian": 9, "random_pixels": 12, "random_labels": 16}
"""Epochs of 4 steps until the train split is fitted."""


def variants(
    network: str = "inception", epochs: Mapping[str, int] = STEPS, last: float = 1.0, start: float = 0.5
) -> pandas.DataFrame:
    tables = []
    for variant, until in epochs.items():
        where = {"network": network, "randomization": variant}
        tables.append(runs(where, {"accuracy/train": late(until, last, start)}, range(33), seeds=SEEDS))
    return together(*tables)


BACKWARDS = dict(zip(STEPS, reversed(STEPS.values()), strict=True))


@pytest.mark.parametrize("network", ["inception", "alexnet"])
def test_all_variants_are_fitted(network: str) -> None:
    text = f"{NAMES[network]} fits random labels, shuffled and random pixels, and noise"
    assert verdict(text, variants(network)) == HOLDS
    one = together(
        variants(network, {name: of for name, of in STEPS.items() if name != "gaussian"}),
        variants(network, {"gaussian": 9}, last=0.9),
    )
    assert verdict(text, one) == FAILS
    less = variants(network, {"true_labels": 4})
    assert ask(text, less).ours == f"there is no finished run of network={network}, randomization=shuffled_pixels"


ORDER = {
    "shuffled pixels take longer": log2(6 / 4),
    "random labels still longer": log2(16 / 6),
    "noise before random labels": log2(9 / 16),
    "random pixels before random labels": log2(12 / 16),
    "noise before random pixels": log2(9 / 12),
}


@pytest.mark.parametrize(("network", "text"), [*product(("inception", "alexnet"), ORDER)])
def test_the_order_of_the_variants(network: str, text: str) -> None:
    found = ask(f"{NAMES[network]}: {text}", variants(network))
    assert found.verdict == HOLDS
    assert list(found.intervals.values())[-1].mean == pytest.approx(ORDER[text])
    assert verdict(f"{NAMES[network]}: {text}", variants(network, BACKWARDS)) == FAILS
    assert verdict(f"{NAMES[network]}: {text}", variants(network, dict.fromkeys(STEPS, 8))) == FAILS


def test_the_start_of_the_fit_and_its_end_may_differ() -> None:
    table = together(variants(epochs={"random_labels": 16}, start=0.2), variants(epochs={"gaussian": 12}, start=0.9))
    found = ask("Inception: noise before random labels", table)
    assert found.verdict == DEPENDS
    assert list(found.intervals) == ["to 0.5", "to 0.99"]


def test_a_variant_that_was_not_fitted_has_no_steps() -> None:
    table = variants(last=0.98)
    found = ask("Inception: shuffled pixels take longer", table)
    assert found.verdict == NOT_MEASURED
    assert found.ours == "Inception, shuffled pixels: 0 of 3 seeds came to a train accuracy of 0.99"
    untrained = variants(start=0.0)
    assert "before training" in ask("Inception: noise before random labels", untrained).ours


def test_a_network_that_the_sweep_has_not() -> None:
    found = ask("AlexNet: shuffled pixels take longer", variants("inception"))
    assert (found.verdict, found.ours) == (
        NOT_MEASURED,
        "there is no finished run of network=alexnet, randomization=shuffled_pixels",
    )


@pytest.mark.parametrize("network", ["inception", "alexnet"])
def test_fast_once_it_started(network: str) -> None:
    text = f"{NAMES[network]}: once it starts to fit random labels, it converges fast"
    found = ask(text, variants(network, start=0.75))
    assert (found.verdict, found.intervals[""].mean) == (HOLDS, pytest.approx(-log2(3)))
    assert verdict(text, variants(network, start=0.25)) == FAILS
