"""More corrupted labels: steps and errors."""

from functools import partial

import asking
import pandas
import pytest
from tables import constant, late, runs, together

from rotelab.claims.verdicts import FAILS, HOLDS, NOT_MEASURED, UNDECIDED
from rotelab.experiments.randomization_tests.claims import corrupted_labels
from rotelab.figures.networks import NAMES

ask, verdict = partial(asking.ask, corrupted_labels.CLAIMS), partial(asking.verdict, corrupted_labels.CLAIMS)

SEEDS = (0, 1, 2)


FRACTIONS = (0, 0.5, 1)


FIG1B = ("inception", "alexnet", "mlp_1x512")


def fig1b(
    network: str,
    epochs: tuple[int, ...] = (8, 12, 16),
    errors: tuple[float, ...] = (0.5, 0.7, 0.9),
    last: float = 1.0,
    fractions: tuple[float, ...] = FRACTIONS,
) -> pandas.DataFrame:
    """Of each fraction, until the fit; ``last`` is the last train accuracy of the greatest."""
    tables = []
    for fraction, until, error in zip(fractions, epochs, errors, strict=True):
        top = last if fraction == fractions[-1] else 1.0
        curves = {"accuracy/train": late(until, top), "accuracy/held_out": constant(1 - error)}
        where = {"network": network, "data.labels.fraction": fraction}
        tables.append(runs(where, curves, range(80), seeds=SEEDS))
    return together(*tables)


@pytest.mark.parametrize("network", FIG1B)
def test_every_fraction_is_fitted(network: str) -> None:
    text = f"{NAMES[network]} fits every fraction of corrupted labels"
    assert verdict(text, fig1b(network)) == HOLDS
    assert verdict(text, fig1b(network, last=0.9)) == FAILS


@pytest.mark.parametrize("network", FIG1B)
def test_time_to_fit_grows_with_the_fraction(network: str) -> None:
    text = f"{NAMES[network]}: the more labels are corrupted, the longer it takes to fit them"
    found = ask(text, fig1b(network))
    assert (found.verdict, found.intervals[""].mean) == (HOLDS, pytest.approx(1))
    assert verdict(text, fig1b(network, (16, 12, 8))) == FAILS
    some = ask(text, fig1b(network, last=0.9))
    assert some.ours == f"{NAMES[network]}, fraction 1: 0 of 3 seeds came to a train accuracy of 0.99"
    assert verdict(text, fig1b(network, (8, 8, 8))) == UNDECIDED


@pytest.mark.parametrize("network", FIG1B)
def test_time_to_fit_grows_by_a_small_factor(network: str) -> None:
    text = f"... for {NAMES[network]} by a small factor"
    found = ask(text, fig1b(network))
    assert (found.verdict, found.intervals[""].mean) == (HOLDS, 1)
    assert verdict(text, fig1b(network, (8, 20, 64))) == FAILS
    assert verdict(text, fig1b(network, fractions=(0, 0.4, 0.8))) == NOT_MEASURED


@pytest.mark.parametrize("network", FIG1B)
def test_test_error_grows_with_the_fraction(network: str) -> None:
    text = f"{NAMES[network]}: the more labels are corrupted, the greater the test error"
    assert verdict(text, fig1b(network)) == HOLDS
    assert verdict(text, fig1b(network, errors=(0.9, 0.7, 0.5))) == FAILS
    some = ask(text, fig1b(network, last=0.9))
    assert (some.verdict, some.ours) == (NOT_MEASURED, f"3 of 9 runs of {NAMES[network]} did not fit")


@pytest.mark.parametrize("network", FIG1B)
def test_test_error_grows_to_chance(network: str) -> None:
    text = f"... of {NAMES[network]}, to chance"
    found = ask(text, fig1b(network))
    assert (found.verdict, found.intervals[""].mean) == (HOLDS, pytest.approx(0))
    assert ask(text, fig1b(network).assign(class_count=3)).intervals[""].mean == pytest.approx(0.1 - 1 / 3)
    assert verdict(text, fig1b(network).assign(class_count=float("nan"))) == NOT_MEASURED
    assert verdict(text, fig1b(network, errors=(0.5, 0.6, 0.7))) == FAILS
    assert verdict(text, fig1b(network, fractions=(0, 0.4, 0.8))) == NOT_MEASURED


def test_a_sweep_of_other_fractions() -> None:
    found = ask("... of AlexNet, to chance", fig1b("alexnet", fractions=(0.1, 0.5, 1)))
    assert (found.verdict, found.ours) == (
        NOT_MEASURED,
        "this figure needs runs of several data.labels.fraction, among them 0",
    )
