"""Early stopping, and how steady the test accuracy is."""

from collections.abc import Mapping
from functools import partial

import asking
import pandas
import pytest
from tables import Curve, constant, late, runs, straight, together

from rotelab.claims.verdicts import DEPENDS, FAILS, HOLDS, NOT_MEASURED
from rotelab.experiments.randomization_tests.claims import early_stopping

ask, verdict = partial(asking.ask, early_stopping.CLAIMS), partial(asking.verdict, early_stopping.CLAIMS)

SEEDS = (0, 1, 2)


EARLY = (("inception", "Inception"), ("inception_no_bn", "Inception without batch norm"))


FLAT = constant(0.5)


def early(test: Mapping[str, Curve], other: Curve = FLAT, fit: int = 4, epochs: int = 20) -> pandas.DataFrame:
    tables = []
    for network, curve in test.items():
        curves = {
            "accuracy/train": late(fit),
            "accuracy/held_out": curve,
            "accuracy/pseudo_test": other,
        }
        tables.append(runs({"network": network}, curves, range(epochs + 1), seeds=SEEDS))
    return together(*tables)


def peak(height: float) -> Curve:
    return lambda epoch, step, seed: height if epoch == 9 else 0.5


@pytest.mark.parametrize(("network", "name"), EARLY)
def test_early_stopping_gains_nothing(network: str, name: str) -> None:
    text = f"{name}: early stopping would not have helped"
    found = ask(text, early({network: peak(0.51)}, peak(0.9)))
    assert found.verdict == HOLDS
    assert {unit: at.mean for unit, at in found.intervals.items()} == {
        "chosen on the test split": pytest.approx(0.01),
        "chosen on other images": pytest.approx(0.01),
    }
    assert verdict(text, early({network: peak(0.6)}, peak(0.9))) == FAILS
    assert verdict(text, early({network: peak(0.6)})) == DEPENDS  # the other images don't show it


@pytest.mark.parametrize(("network", "name"), EARLY)
def test_early_stopping_is_asked_long_after_the_fit(network: str, name: str) -> None:
    text = f"{name}: early stopping would not have helped"
    found = ask(text, early({network: peak(0.51)}, fit=11))
    assert (found.verdict, found.ours) == (NOT_MEASURED, f"{name}: fitted at epoch 11, trained for 20 epochs only")
    never = ask(text, early({network: peak(0.51)}, fit=40))
    assert never.ours == f"{name}: 0 of 3 seeds fitted in 20 epochs"


def zigzag(before: float, after: float) -> Curve:
    return lambda epoch, step, seed: 0.5 + (before if epoch <= 4 else after) * (epoch % 2)


def test_batch_norm_steadies() -> None:
    text = "Batch norm steadies the test accuracy"
    found = ask(text, early({"inception": zigzag(0.02, 0.01), "inception_no_bn": zigzag(0.04, 0.04)}))
    assert found.verdict == HOLDS
    assert {unit: at.mean for unit, at in found.intervals.items()} == {
        "before the fit": pytest.approx(-1),
        "after the fit": pytest.approx(-2),
    }
    assert verdict(text, early({"inception": zigzag(0.04, 0.04), "inception_no_bn": zigzag(0.02, 0.01)})) == FAILS
    assert verdict(text, early({"inception": zigzag(0.04, 0.01), "inception_no_bn": zigzag(0.02, 0.02)})) == DEPENDS


def test_batch_norm_steadies_only_what_moves() -> None:
    text = "Batch norm steadies the test accuracy"
    still = early({"inception": constant(0.5), "inception_no_bn": zigzag(0.02, 0.02)})
    assert ask(text, still).ours == "a test accuracy that did not change at all"
    one = ask(text, early({"inception": straight(0.5, 20)}))
    assert one.ours == "there is no finished run of network=inception_no_bn"
