"""Every question to the sweeps: a made-up table for which the claim holds, and one for which it fails."""

from collections.abc import Callable, Mapping
from functools import cache
from itertools import product
from math import log2

import pandas
import pytest
from tables import Curve, constant, runs, straight, together

from rotelab.claims.claim import Answer, Claim, answer
from rotelab.claims.verdicts import DEPENDS, FAILS, HOLDS, NOT_MEASURED, UNDECIDED
from rotelab.experiments.randomization_tests import claims
from rotelab.experiments.randomization_tests.table1 import Setting
from rotelab.figures.networks import NETWORKS

SEEDS = (0, 1, 2)
NAMES = {name: network.name for name, network in NETWORKS.items()}
EARLY = (("inception", "Inception"), ("inception_no_bn", "Inception without batch norm"))


def claim(text: str) -> Claim:
    (found,) = (claim for claim in claims.CLAIMS if claim.text == text)
    return found


def ask(text: str, table: pandas.DataFrame, scale: str = "small") -> Answer:
    asked = claim(text)
    (sweep,) = asked.sweep
    return answer(asked, {sweep: table}, scale)


def verdict(text: str, table: pandas.DataFrame, scale: str = "small") -> str:
    return ask(text, table, scale).verdict


def test_claims_are_told_apart() -> None:
    assert len({asked.text for asked in claims.CLAIMS}) == len(claims.CLAIMS)
    for asked in claims.CLAIMS:
        assert all((asked.text, asked.where, asked.paper, asked.recorded, asked.quantity, str(asked.rule)))


@pytest.mark.parametrize("asked", claims.CLAIMS, ids=lambda asked: asked.text)
def test_without_its_sweep_nothing_is_measured(asked: Claim) -> None:
    found = answer(asked, {}, asked.only or "small")
    if asked.sweep:
        assert (found.verdict, found.ours) == (NOT_MEASURED, f"no finished run of sweep={asked.sweep[0]}")
    else:
        assert (found.verdict, found.ours) == (HOLDS, asked.paper)


# Figure 1a

STEPS = {"true_labels": 4, "shuffled_pixels": 6, "gaussian": 9, "random_pixels": 12, "random_labels": 16}
"""Epochs of 4 steps until the train split is fitted."""


def late(epochs: int, last: float = 1.0, start: float = 0.5) -> Curve:
    """``last`` from so many epochs on, a half from that share of them on."""
    return lambda epoch, step, seed: last if epoch >= epochs else 0.5 if epoch >= start * epochs else 0.1


def fig1a(
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
    assert verdict(text, fig1a(network)) == HOLDS
    one = together(
        fig1a(network, {name: of for name, of in STEPS.items() if name != "gaussian"}),
        fig1a(network, {"gaussian": 9}, last=0.9),
    )
    assert verdict(text, one) == FAILS
    less = fig1a(network, {"true_labels": 4})
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
    found = ask(f"{NAMES[network]}: {text}", fig1a(network))
    assert found.verdict == HOLDS
    assert list(found.intervals.values())[-1].mean == pytest.approx(ORDER[text])
    assert verdict(f"{NAMES[network]}: {text}", fig1a(network, BACKWARDS)) == FAILS
    assert verdict(f"{NAMES[network]}: {text}", fig1a(network, dict.fromkeys(STEPS, 8))) == FAILS


def test_the_start_of_the_fit_and_its_end_may_differ() -> None:
    table = together(fig1a(epochs={"random_labels": 16}, start=0.2), fig1a(epochs={"gaussian": 12}, start=0.9))
    found = ask("Inception: noise before random labels", table)
    assert found.verdict == DEPENDS
    assert list(found.intervals) == ["to 0.5", "to 0.99"]


def test_a_variant_that_was_not_fitted_has_no_steps() -> None:
    table = fig1a(last=0.98)
    found = ask("Inception: shuffled pixels take longer", table)
    assert found.verdict == NOT_MEASURED
    assert found.ours == "Inception, shuffled pixels: 0 of 3 seeds came to a train accuracy of 0.99"
    untrained = fig1a(start=0.0)
    assert "before training" in ask("Inception: noise before random labels", untrained).ours


def test_a_network_that_the_sweep_has_not() -> None:
    found = ask("AlexNet: shuffled pixels take longer", fig1a("inception"))
    assert (found.verdict, found.ours) == (
        NOT_MEASURED,
        "there is no finished run of network=alexnet, randomization=shuffled_pixels",
    )


@pytest.mark.parametrize("network", ["inception", "alexnet"])
def test_fast_once_it_started(network: str) -> None:
    text = f"{NAMES[network]}: once it starts to fit random labels, it converges fast"
    found = ask(text, fig1a(network, start=0.75))
    assert (found.verdict, found.intervals[""].mean) == (HOLDS, pytest.approx(1 / 3))
    assert verdict(text, fig1a(network, start=0.25)) == FAILS


# Figures 1b and 1c

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
    assert verdict(text, fig1b(network, (8, 8, 8))) == FAILS


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
    assert (found.verdict, found.intervals[""].mean) == (HOLDS, pytest.approx(0.1))
    assert verdict(text, fig1b(network, errors=(0.5, 0.6, 0.7))) == FAILS
    assert verdict(text, fig1b(network, fractions=(0, 0.4, 0.8))) == NOT_MEASURED


def test_a_sweep_of_other_fractions() -> None:
    found = ask("... of AlexNet, to chance", fig1b("alexnet", fractions=(0.1, 0.5, 1)))
    assert (found.verdict, found.ours) == (
        NOT_MEASURED,
        "this figure needs runs of several data.labels.fraction, among them 0",
    )


# Tables 1 and 4

Cell = Callable[[Setting, int], float]


@cache
def untrained() -> pandas.DataFrame:
    tables = []
    for network, crop, decay, fraction in product(NAMES, ("none", "random_crop"), (0, 5e-4), (0, 1)):
        where = {
            "network": network,
            "data.labels.fraction": fraction,
            "data/augmentation": crop,
            "optimizer.weight_decay": decay,
        }
        nothing = {"accuracy/train": constant(0.0), "accuracy/held_out": constant(0.0)}
        tables.append(runs(where, nothing, [1], seeds=SEEDS))
    return together(*tables)


def table1(train: Cell = lambda *_: 1.0, test: Cell = lambda *_: 0.1, spread: float = 0.0) -> pandas.DataFrame:
    """Last accuracies by setting and fraction of random labels; ``spread`` more test accuracy with every seed."""
    table = untrained()
    settings = zip(
        table.network, table["data/augmentation"] != "none", table["optimizer.weight_decay"] > 0, strict=True
    )
    cells = zip(map(Setting._make, settings), table["data.labels.fraction"], table.split, table.seed, strict=True)
    return table.assign(
        value=[
            train(setting, fraction) if split == "train" else test(setting, fraction) + spread * seed
            for setting, fraction, split, seed in cells
        ]
    )


@pytest.fixture(scope="module")
def alike() -> pandas.DataFrame:
    """All fit, and are at chance."""
    return table1()


def only(chosen: Setting, fraction: int, value: float, other: float) -> Cell:
    return lambda setting, of: value if (setting, of) == (chosen, fraction) else other


@pytest.mark.parametrize("network", NAMES)
def test_random_labels_are_fitted(network: str, alike: pandas.DataFrame) -> None:
    text = f"{NAMES[network]} fits random labels"
    assert verdict(text, alike) == HOLDS
    assert verdict(text, table1(train=only(Setting(network, False, False), 1, 0.98, 1.0))) == FAILS
    without = ask(text, alike[alike.network != network])
    assert without.verdict == NOT_MEASURED
    assert without.ours.startswith(f"there is no finished run of network={network}, data.labels.fraction=1")


@pytest.mark.parametrize("network", NAMES)
def test_random_labels_leave_the_test_set_at_chance(network: str, alike: pandas.DataFrame) -> None:
    text, chosen = f"... and {NAMES[network]} is at chance on the test set then", Setting(network, False, False)
    assert verdict(text, alike) == HOLDS
    assert verdict(text, table1(test=only(chosen, 1, 0.2, 0.1))) == FAILS
    assert verdict(text, table1(test=only(chosen, 1, 0.12, 0.1), spread=0.02)) == UNDECIDED
    some = ask(text, table1(train=only(chosen, 1, 0.5, 1.0)))
    assert some.ours == f"{NAMES[network]} had a train accuracy of 0.50 on random labels"


@pytest.mark.parametrize(
    ("text", "setting", "fits"),
    [
        ("Weight decay does not keep Inception from", Setting("inception", False, True), HOLDS),
        ("Weight decay keeps AlexNet from", Setting("alexnet", False, True), FAILS),
        ("Weight decay does not keep MLP 3x512 from", Setting("mlp_3x512", False, True), HOLDS),
        ("Weight decay does not keep MLP 1x512 from", Setting("mlp_1x512", False, True), HOLDS),
        ("Random cropping does not keep Inception from", Setting("inception", True, False), HOLDS),
    ],
)
def test_regularizers_on_random_labels(text: str, setting: Setting, fits: str, alike: pandas.DataFrame) -> None:
    text = f"{text} fitting random labels"
    assert verdict(text, alike) == fits
    assert verdict(text, table1(train=only(setting, 1, 0.5, 1.0))) == {HOLDS: FAILS, FAILS: HOLDS}[fits]


@pytest.mark.parametrize("network", ["inception", "alexnet"])
def test_both_regularizers_help_little(network: str, alike: pandas.DataFrame) -> None:
    text, both = f"{NAMES[network]}: random crops and weight decay help, but little", Setting(network, True, True)
    found = ask(text, table1(test=only(both, 0, 0.53, 0.5)))
    assert (found.verdict, found.intervals[""].mean) == (HOLDS, pytest.approx(0.03))
    assert verdict(text, table1(test=only(both, 0, 0.6, 0.5))) == FAILS
    assert verdict(text, table1(test=only(both, 0, 0.45, 0.5))) == FAILS
    assert verdict(text, alike[alike["data/augmentation"] == "none"]) == NOT_MEASURED


@pytest.mark.parametrize("network", NAMES)
def test_weight_decay_makes_little_difference(network: str, alike: pandas.DataFrame) -> None:
    text, decay = f"{NAMES[network]}: weight decay alone makes little difference", Setting(network, False, True)
    assert verdict(text, alike) == HOLDS
    assert verdict(text, table1(test=only(decay, 0, 0.55, 0.5))) == FAILS
    assert verdict(text, table1(test=only(decay, 0, 0.45, 0.5))) == FAILS
    none = ask(text, alike[alike["optimizer.weight_decay"] == 0])
    assert none.ours == "there has to be one optimizer.weight_decay besides 0, and not none"


@pytest.mark.parametrize(
    ("text", "regularized"),
    [
        (
            "AlexNet gains more by becoming Inception than by random crops and weight decay",
            Setting("alexnet", True, True),
        ),
        ("MLP 3x512 gains more by becoming Inception than by weight decay", Setting("mlp_3x512", False, True)),
    ],
)
def test_the_architecture_matters_more(text: str, regularized: Setting) -> None:
    def test(inception: float) -> Cell:
        values = {"inception": inception, regularized.network: 0.5}
        return lambda setting, fraction: 0.55 if setting == regularized else values.get(setting.network, 0.1)

    found = ask(text, table1(test=test(0.7)))
    assert (found.verdict, found.intervals[""].mean) == (HOLDS, pytest.approx(0.15))  # gains .2 against .05
    assert verdict(text, table1(test=test(0.52))) == FAILS


def test_batch_norm_helps(alike: pandas.DataFrame) -> None:
    text = "Batch norm helps Inception on the test set"
    with_it = Setting("inception", False, False)
    assert verdict(text, table1(test=only(with_it, 0, 0.53, 0.5))) == HOLDS
    assert verdict(text, alike) == FAILS


def test_batch_norm_helps_by_3_to_4_points_at_the_papers_sizes() -> None:
    text, with_it = "... by 3 to 4 points, give or take one", Setting("inception", False, False)
    three, ten = (table1(test=only(with_it, 0, value, 0.5)) for value in (0.535, 0.6))
    assert verdict(text, three, "paper") == HOLDS
    assert verdict(text, ten, "paper") == FAILS
    assert ask(text, three).ours == "a number of the sizes of scale=paper"


# Early stopping

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
