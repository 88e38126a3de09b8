"""Rank statistics of 27 networks against the numbers of public scorers, by hand, and against loops over pairs."""

from itertools import product
from math import exp
from typing import Any

import numpy
import pandas
import pytest

from rotelab.claims.ranking import bootstrap, granulated, information, sign_errors, tau, trust
from rotelab.errors import Refusal

GRID = [*product([0.01, 0.05, 0.1], [2, 4, 8], [1000, 5000, 25000])]
SETTINGS = pandas.DataFrame(GRID, columns=["lr", "depth", "size"])
OF_256 = "63 58 28 76 58 31 87 69 43 67 48 31 73 51 29 79 58 31 68 34 14 58 47 25 65 44 24"
OF_TEN = "20 23 10 30 22 10 36 25 14 28 20 6 26 19 10 31 22 12 24 11 6 20 18 13 29 18 8"
GAP = numpy.array([int(part) / 256 for part in OF_256.split()])
GOOD = numpy.array([int(part) / 10 for part in OF_TEN.split()])
DEPTH, SIZE = SETTINGS.depth.to_numpy(float), -numpy.log10(SETTINGS["size"].to_numpy())


def test_tau_by_hand() -> None:
    assert tau(numpy.arange(4.0), numpy.array([0.1, 0.3, 0.2, 0.4])) == pytest.approx(2 / 3)
    assert tau(numpy.array([1.0, 1.0, 2.0]), numpy.arange(3.0)) == pytest.approx(2 / 3)
    assert tau(numpy.ones(3), numpy.arange(3.0)) == 0
    assert numpy.isnan(tau(numpy.ones(1), numpy.ones(1)))


@pytest.mark.parametrize(
    ("measure", "of_all", "lr", "depth", "size"),
    [
        (GOOD, 0.8319088319088319, 0.6296296296296295, 0.5555555555555556, 0.9259259259259258),
        (DEPTH, 0.1111111111111111, 0, 0.5555555555555555, 0),
        (SIZE, 0.6495726495726496, 0, 0, 1),
    ],
)
def test_tau_and_its_granulated_form(measure: Any, of_all: float, lr: float, depth: float, size: float) -> None:
    assert tau(measure, GAP) == pytest.approx(of_all)
    expected = {"lr": lr, "depth": depth, "size": size, "Psi": (lr + depth + size) / 3}
    assert granulated(measure, GAP, SETTINGS) == pytest.approx(expected)


def test_information_by_the_hyper_parameters_that_are_known() -> None:
    assert information(GOOD, GAP, SETTINGS) == pytest.approx(
        {
            (): 0.5516226153175937,
            ("lr",): 0.5751370962704374,
            ("depth",): 0.5769549332179202,
            ("size",): 0.37670958087482287,
            ("lr", "depth"): 0.7336346511048703,
            ("lr", "size"): 0.4968761260064719,
            ("depth", "size"): 0.5288582821766388,
        }
    )


@pytest.mark.parametrize(
    ("ties", "of_any", "of_two"),
    [
        ("three_valued", 0.37670958087482287, 0.4968761260064719),
        ("dropped", 0.43525365608132977, 0.5471320556198235),
        ("pgdl", 0.39401183274041857, 0.4764179725220837),
    ],
)
def test_the_least_information(ties: Any, of_any: float, of_two: float) -> None:
    assert min(information(GOOD, GAP, SETTINGS, ties=ties).values()) == pytest.approx(of_any)
    assert min(information(GOOD, GAP, SETTINGS, ties=ties, least=2).values()) == pytest.approx(of_two)
    assert min(information(3 * GAP + 1, GAP, SETTINGS, ties=ties).values()) == pytest.approx(1)
    for of_one in (DEPTH, SIZE, numpy.ones(27)):
        assert min(information(of_one, GAP, SETTINGS, ties=ties).values()) == pytest.approx(0, abs=1e-9)


def test_trust() -> None:
    """What the public code gives to such differences on 10,000 test images."""
    found = trust(numpy.array([0.0, 0.0166, 0.02, 0.03, 0.05, -0.05]), 10_000)
    hoeffding = numpy.array([0, 0.24575292224401746, 0.531921422608486, 0.9560576530633774])
    assert found[:4] == pytest.approx(numpy.maximum(0, hoeffding - 0.5))
    assert found[4] == found[5] == pytest.approx((1 - 2 * exp(-12.5)) ** 2 - 0.5)


@pytest.mark.parametrize(
    ("measure", "means"),
    [
        (GOOD, {"lr": 0.07894736842105263, "depth": 0.05555555555555555, "size": 0.0}),
        (DEPTH, {"lr": 0.5, "depth": 0.05555555555555555, "size": 0.5}),
    ],
)
def test_sign_errors_of_environments(measure: Any, means: dict[str, float]) -> None:
    found = sign_errors(measure, GAP, SETTINGS, 10_000, effective=1)
    by = found.groupby("hyper_parameter").error
    assert by.size().to_dict() == {"lr": 38, "depth": 36, "size": 52}
    assert by.mean().to_dict() == pytest.approx(means)
    assert found.error.max() == 1
    assert sign_errors(measure, GAP, SETTINGS, 10_000).empty  # one pair each, where twelve are asked for


def test_environments_of_several_seeds_against_loops() -> None:
    random = numpy.random.default_rng(1)
    settings = pandas.DataFrame([*product([1, 2], ["a", "b"], range(4))], columns=["lr", "kind", "seed"])
    gap, measure = random.random(16) / 4, random.random(16)
    expected = []
    places = settings.drop(columns="seed")
    for here, there in product([*product([1, 2], ["a", "b"])], repeat=2):
        if (here[0] != there[0]) + (here[1] != there[1]) != 1:
            continue
        first, second = ([i for i, row in enumerate(places.to_numpy()) if tuple(row) == at] for at in (here, there))
        weights, wrong = [], 0.0
        for i, j in product(first, second):
            sure = max(0, 1 - 2 * exp(-2 * 5000 * ((gap[i] - gap[j]) / 2) ** 2)) ** 2
            weights.append(max(0, sure - 0.5))
            wrong += weights[-1] * ((measure[i] > measure[j]) != (gap[i] > gap[j]))
        if sum(weights) ** 2 / sum(weight**2 for weight in weights) >= 8:
            expected.append(wrong / sum(weights))
    found = sign_errors(measure, gap, places, 5000, effective=8)
    assert 0 < len(expected) < 9
    assert sorted(found.error) == pytest.approx(sorted(expected))


def test_counts_are_copies_that_are_not_compared_with_themselves() -> None:
    """Networks that were drawn twice: the mean over pairs of different ones of what a pair counts."""
    measure, gap, counts = numpy.array([1.0, 2.0, 3.0]), numpy.array([1.0, 3.0, 2.0]), numpy.array([2, 1, 3])
    assert tau(measure, gap, counts) == pytest.approx((2 * 1 + 2 * 3 - 1 * 3) / (2 + 6 + 3))
    alone = numpy.ones(27, dtype=int)
    assert granulated(GOOD, GAP, SETTINGS, alone) == granulated(GOOD, GAP, SETTINGS)
    assert information(GOOD, GAP, SETTINGS, 2 * alone) == pytest.approx(information(GOOD, GAP, SETTINGS))
    some = numpy.array([1] * 9 + [0] * 18)
    left = information(GOOD[:9], GAP[:9], SETTINGS[:9])
    assert information(GOOD, GAP, SETTINGS, some) == pytest.approx(left)


def test_intervals() -> None:
    by_network = pandas.Series(range(27))
    low, high = bootstrap(lambda counts: tau(GOOD, GAP, counts), by_network, draws=200)
    assert low < tau(GOOD, GAP) < high < 1
    assert bootstrap(lambda counts: tau(GAP, GAP + GOOD * 0, counts), pandas.Series([0] * 27), draws=3) == (
        tau(GAP, GAP),
        tau(GAP, GAP),
    )
    assert bootstrap(lambda counts: float(counts.sum()), by_network, draws=5) == (27, 27)
    by_seed = pandas.Series([*range(3)] * 9)
    drawn: list[numpy.ndarray] = []
    bootstrap(lambda counts: float(bool(drawn.append(counts))), by_seed, draws=5)
    assert all((counts.reshape(9, 3) == counts[:3]).all() and counts[:3].sum() == 3 for counts in drawn)


def test_what_is_no_number_is_refused() -> None:
    broken = numpy.where(numpy.arange(27) == 3, numpy.nan, GOOD)
    for statistic in (tau, lambda m, g: granulated(m, g, SETTINGS), lambda m, g: information(m, g, SETTINGS)):
        with pytest.raises(Refusal, match="the measure of 1 networks"):
            statistic(broken, GAP)
    with pytest.raises(Refusal, match="the gap of 1 networks"):
        sign_errors(GOOD, broken, SETTINGS, 1000)


def test_a_hyper_parameter_with_one_value_says_nothing() -> None:
    found = granulated(GOOD, GAP, SETTINGS.assign(width=1))
    assert numpy.isnan(found["width"]) and numpy.isnan(found["Psi"])
