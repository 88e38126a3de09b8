"""The linear example against numbers of another program, and against points that are drawn whole."""

import numpy
import pytest

from rotelab.exact import opposite_twins

ORACLE = {(50, 51_200): 3.20884246e-05, (50, 5000): 0.1054995679, (50, 1000): 0.2878132803, (20, 2000): 0.1047021258}
"""Points and dimensions -> the mean test error of 2 to 10 draws."""


@pytest.mark.parametrize(("m", "D"), ORACLE)
def test_errors_agree_with_those_of_another_program(m: int, D: int) -> None:
    draws = [opposite_twins.draw(m, D, numpy.random.default_rng(seed)) for seed in range(10)]
    assert {(errors.train, errors.twins) for errors in draws} == {(0.0, 1.0)}
    assert numpy.mean([errors.test for errors in draws]) == pytest.approx(ORACLE[m, D], rel=0.1)


@pytest.mark.parametrize(("m", "D", "error"), [(50, 51_200, 3.167124183e-05), (50, 5000, 0.1056497737)])
def test_the_closed_form(m: int, D: int, error: float) -> None:
    assert opposite_twins.test_error(m, D) == pytest.approx(error, rel=1e-9)


def test_points_that_are_drawn_whole_come_to_the_same() -> None:
    m, D, generator = 20, 500, numpy.random.default_rng(0)
    found = []
    for _ in range(40):
        labels = generator.choice([-1.0, 1.0], m)
        noise = generator.normal(0, (32 / D) ** 0.5, (m, D))
        signal = numpy.stack([2 * labels / m**0.5, 0 * labels], 1)  # u along the first of two axes
        points = numpy.hstack([signal, noise])
        twins = numpy.hstack([signal, -noise])
        w = labels @ points
        new = generator.normal(0, (32 / D) ** 0.5, (2000, D))
        test = (2 / m**0.5 * w[0] + new @ w[2:] <= 0).mean()
        margins = labels * (points @ w)
        found.append(((margins <= 0).mean(), (labels * (twins @ w) <= 0).mean(), test, margins.min(), w @ w))
    ours = [opposite_twins.draw(m, D, numpy.random.default_rng(seed)) for seed in range(40)]
    both = numpy.array(found), numpy.array([(*of[:4], of.norm**2) for of in ours])
    error = numpy.hypot(*(of.std(0) for of in both)) / 40**0.5
    assert (abs(both[0].mean(0) - both[1].mean(0)) <= 4 * error + 1e-12).all()


def test_norms_grow_and_their_bound_does_not_fall() -> None:
    few, many = (opposite_twins.draw(m, 1000 * m, numpy.random.default_rng(0)) for m in (10, 1000))
    assert many.norm == pytest.approx(6 * 1000**0.5, rel=0.02)  # 4 m + 32 m
    assert many.norm > 9 * few.norm
    assert min(few.bound, many.bound) > 1
