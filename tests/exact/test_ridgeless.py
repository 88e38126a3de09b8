"""The risk of the least-norm solution, against numbers of another program and against itself."""

import math

import numpy
import pytest

from rotelab.exact import ridgeless

ASYMPTOTIC = {0.2: 0.0625, 0.5: 0.25, 0.8: 1.0, 0.9: 2.25, 1.1: 2.590909091, 1.25: 1.2, 2.0: 0.75, 8.0: 0.9107142857}
EXPECTED = {20: 0.06329113924, 90: 2.5, 110: 2.868686869, 200: 0.7525252525, 800: 0.9107653791}
DRAWN = {20: (0.06367589131, 0.001469724604), 125: (1.250298991, 0.02632834143), 400: (0.8355091586, 0.004371092061)}
"""p -> mean of 200 (60) draws of 100 points and its standard error, by other random numbers."""


@pytest.mark.parametrize(("g", "risk"), ASYMPTOTIC.items())
def test_asymptotic(g: float, risk: float) -> None:
    assert ridgeless.asymptotic(g, 1.0, 0.5) == pytest.approx(risk, rel=1e-9)


@pytest.mark.parametrize(("p", "risk"), EXPECTED.items())
def test_expected_at_100_points(p: int, risk: float) -> None:
    assert ridgeless.expected(100, p, 1.0, 0.5) == pytest.approx(risk, rel=1e-9)


@pytest.mark.parametrize("g", [0.3, 0.9, 1.1, 5.0])
def test_many_points_come_to_the_limit(g: float) -> None:
    n = 10**6
    assert ridgeless.expected(n, round(g * n), 2.0, 0.3) == pytest.approx(ridgeless.asymptotic(g, 2.0, 0.3), rel=1e-3)


@pytest.mark.parametrize("p", [99, 100, 101])
def test_the_peak_has_no_mean(p: int) -> None:
    assert ridgeless.expected(100, p, 1.0, 0.5) == math.inf
    assert ridgeless.asymptotic(1.0, 1.0, 0.5) == math.inf


@pytest.mark.parametrize(("signal", "noise"), [(1.0, 0.5), (3.0, 1.0), (1.0, 0.01)])
def test_the_least_risk_beyond_the_peak(signal: float, noise: float) -> None:
    g = ridgeless.least(signal, noise)
    at = ridgeless.asymptotic(g, signal, noise)
    assert all(ridgeless.asymptotic(g * factor, signal, noise) > at for factor in (0.99, 1.01) if g * factor > 1)


def test_noise_as_strong_as_the_signal_has_no_least() -> None:
    with pytest.raises(ValueError, match=r"noise = 1\.0 is not less than signal = 1\.0"):
        ridgeless.least(1.0, 1.0)


@pytest.mark.parametrize("p", DRAWN)
def test_draws_agree_with_those_of_another_program(p: int) -> None:
    generator = numpy.random.default_rng(p)
    risks = [ridgeless.drawn(100, p, 1.0, 0.5, generator) for _ in range(60)]
    mean, error = DRAWN[p]
    spread = math.hypot(error, numpy.std(risks, ddof=1) / len(risks) ** 0.5)
    assert abs(numpy.mean(risks) - mean) < 4 * spread
    assert abs(numpy.mean(risks) - ridgeless.expected(100, p, 1.0, 0.5)) < 4 * spread


def test_without_noise_as_many_points_as_features_find_it_all() -> None:
    assert ridgeless.drawn(30, 20, 1.0, 0.0, numpy.random.default_rng(0)) == pytest.approx(0, abs=1e-20)


@pytest.mark.parametrize("p", [20, 90, 110, 300])
def test_with_all_features_nothing_is_missed(p: int) -> None:
    assert ridgeless.weak(100, p, p, 1.0, 0.5) == ridgeless.expected(100, p, 1.0, 0.5)


@pytest.mark.parametrize("p", [20, 160])
def test_features_at_random_agree_with_draws_of_all_of_them(p: int) -> None:
    """Fits of the first p of 240 features, of which the labels know all."""
    generator = numpy.random.default_rng(p)
    risks = []
    for _ in range(60):
        points, b = generator.standard_normal((80, 240)), generator.standard_normal(240)
        b /= numpy.linalg.norm(b)
        labels = points @ b + 0.5 * generator.standard_normal(80)
        estimate = numpy.linalg.lstsq(points[:, :p], labels, rcond=None)[0]
        risks.append(((estimate - b[:p]) ** 2).sum() + (b[p:] ** 2).sum())
    assert abs(numpy.mean(risks) - ridgeless.weak(80, p, 240, 1.0, 0.5)) < 4 * numpy.std(risks) / 60**0.5
