"""The risk with a ridge, against its closed form, its limits and draws."""

import math

import numpy
import pytest

from rotelab.exact import ridge, ridgeless

G = [0.3, 0.9, 1.0, 1.1, 4.0]


@pytest.mark.parametrize("g", G)
@pytest.mark.parametrize("strength", [1e-3, 0.1, 2.0])
def test_the_transform_solves_its_equation_and_its_slope_is_its_slope(g: float, strength: float) -> None:
    m, slope = ridge.stieltjes(g, strength)
    assert g * strength * m**2 + (1 - g + strength) * m == pytest.approx(1)
    step = 1e-6 * strength
    below, above = (ridge.stieltjes(g, strength + sign * step)[0] for sign in (-1, 1))
    assert -(above - below) / (2 * step) == pytest.approx(slope, rel=1e-6)  # m' is along the argument -l


@pytest.mark.parametrize("g", [0.3, 0.9, 1.1, 4.0])
def test_a_ridge_that_vanishes_leaves_the_ridgeless_risk(g: float) -> None:
    assert ridge.asymptotic(g, 1e-9, 1.0, 0.5) == pytest.approx(ridgeless.asymptotic(g, 1.0, 0.5), rel=1e-5)
    assert ridge.asymptotic(g, 0.0, 1.0, 0.5) == ridgeless.asymptotic(g, 1.0, 0.5)


@pytest.mark.parametrize("g", G)
def test_the_best_is_the_best_and_its_risk_is_a_product(g: float) -> None:
    best = ridge.best(g, 2.0, 0.5)
    at = ridge.asymptotic(g, best, 2.0, 0.5)
    assert at == pytest.approx(0.25 * g * ridge.stieltjes(g, best)[0])
    assert all(ridge.asymptotic(g, best * factor, 2.0, 0.5) > at for factor in (0.9, 1.1))


@pytest.mark.parametrize(("n", "p", "strength"), [(200, 60, 0.1), (100, 110, 0.3), (60, 240, 0.05)])
def test_draws_come_to_the_limit(n: int, p: int, strength: float) -> None:
    generator = numpy.random.default_rng(0)
    risks = [ridge.drawn(n, p, strength, 1.0, 0.5, generator) for _ in range(20)]
    assert numpy.mean(risks) == pytest.approx(ridge.asymptotic(p / n, strength, 1.0, 0.5), rel=0.02)


@pytest.mark.parametrize(("n", "p"), [(100, 50), (50, 100)])
def test_draws_without_a_ridge_have_the_ridgeless_mean(n: int, p: int) -> None:
    generator = numpy.random.default_rng(0)
    risks = [ridge.drawn(n, p, 0.0, 1.0, 0.5, generator) for _ in range(100)]
    error = numpy.std(risks) / len(risks) ** 0.5
    assert abs(numpy.mean(risks) - ridgeless.expected(n, p, 1.0, 0.5)) < 4 * error


def test_the_best_ridge_is_best_of_any_draw_at_a_size_of_few() -> None:
    def mean(strength: float) -> float:
        draws = (ridge.drawn(20, 20, strength, 1.0, 0.5, numpy.random.default_rng(seed)) for seed in range(50))
        return float(numpy.mean(list(draws)))

    best = ridge.best(1.0, 1.0, 0.5)
    assert mean(best) < min(mean(0.8 * best), mean(1.25 * best)) < math.inf
