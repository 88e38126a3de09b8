"""The risk over steps of descent, against descent itself and its limits."""

import numpy
import pytest

from rotelab.exact import gradient_steps
from rotelab.exact.gradient_steps import Task

TASK = Task(numpy.array([1.0, 0.5, 0.01]), numpy.array([1.0, -2.0, 3.0]), 30, 0.7)
RATES = numpy.array([0.2, 0.4, 1.0])


def test_a_draw_is_descent_step_by_step() -> None:
    generator = numpy.random.default_rng(3)
    x = generator.standard_normal((30, 3)) * numpy.sqrt(TASK.variances)
    y = x @ TASK.coefficients + 0.7 * generator.standard_normal(30)
    weights, risks = numpy.zeros(3), []
    for _ in range(50):
        weights = weights + RATES * (x.T @ (y - x @ weights)) / 30
        risks.append((TASK.variances * (weights - TASK.coefficients) ** 2).sum())
    found = gradient_steps.drawn(TASK, RATES, numpy.arange(1.0, 51), numpy.random.default_rng(3))
    assert found == pytest.approx(risks, rel=1e-10)


def test_before_any_step_it_is_the_signal_and_at_the_end_the_noise() -> None:
    start, end = gradient_steps.limit(TASK, RATES, numpy.array([0.0, 1e6]))
    assert start == pytest.approx(1.0 + 0.5 * 4 + 0.01 * 9)
    assert end == pytest.approx(3 * 0.49 / 30)


def test_many_points_come_to_the_limit() -> None:
    many, at = TASK._replace(points=20_000, noise=20.0), numpy.array([1.0, 3.0, 10.0, 100.0, 1000.0])
    draws = [gradient_steps.drawn(many, RATES, at, numpy.random.default_rng(seed)) for seed in range(400)]
    error = numpy.std(draws, axis=0) / 20
    assert (abs(numpy.mean(draws, axis=0) - gradient_steps.limit(many, RATES, at)) < 4 * error + 1e-3).all()


def test_rates_of_their_own_bring_all_features_to_the_least_risk_at_one_step() -> None:
    rates = gradient_steps.together(TASK, 40.0)
    around = gradient_steps.limit(TASK, rates, numpy.array([39.0, 40.0, 41.0]))
    assert around[1] == pytest.approx(gradient_steps.least(TASK)) and around[1] < min(around[0], around[2])
    others = gradient_steps.limit(TASK, RATES, numpy.arange(1.0, 2000))
    assert others.min() > gradient_steps.least(TASK)
