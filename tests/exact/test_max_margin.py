"""The greatest margin in closed form, descent towards it, and where descent on squares ends."""

import numpy
import pytest

from rotelab.errors import Refusal
from rotelab.exact import max_margin

SQUARE = numpy.array([[2.0, 1.0], [2.0, -1.0], [-2.0, 1.0], [-3.0, -5.0]]), numpy.array([1.0, 1.0, -1.0, -1.0])
"""Its greatest margin is 2, along the first axis, whatever the last point."""


def points(seed: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    return max_margin.separable(40, 20, 0.3, numpy.random.default_rng(seed))


def test_the_greatest_margin_in_closed_form() -> None:
    assert max_margin.support_vector_machine(*SQUARE) == pytest.approx([0.5, 0], abs=1e-12)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_it_is_a_sum_of_the_points_at_the_margin(seed: int) -> None:
    """The conditions of Karush, Kuhn and Tucker, which only the least w meets."""
    at, labels = points(seed)
    w = max_margin.support_vector_machine(at, labels)
    margins = labels * (at @ w)
    assert margins.min() == pytest.approx(1, abs=1e-8)
    support = (at * labels[:, None])[margins < 1 + 1e-6]
    weights, *_ = numpy.linalg.lstsq(support.T, w, rcond=None)
    assert support.T @ weights == pytest.approx(w, abs=1e-8)
    assert weights.min() > -1e-8


def test_points_that_no_line_separates_are_refused() -> None:
    at = numpy.array([[1.0, 0.0], [2.0, 0.0]])
    with pytest.raises(Refusal, match="no line through 0 separates the 2 points"):
        max_margin.support_vector_machine(at, numpy.array([1.0, -1.0]))


@pytest.mark.parametrize("normalized", [False, True])
def test_a_step_is_along_the_gradient(normalized: bool) -> None:
    at, labels = points(0)
    start = 0.1 * numpy.random.default_rng(1).standard_normal(20)

    def loss(w: numpy.ndarray) -> float:
        margins = labels * (at @ w)
        return float(numpy.log(numpy.exp(-margins).sum()) if normalized else numpy.log1p(numpy.exp(-margins)).mean())

    gradient = numpy.array([(loss(start + 1e-5 * e) - loss(start - 1e-5 * e)) / 2e-5 for e in numpy.eye(20)])
    stepped = start - 4 * 40 / numpy.linalg.norm(at, 2) ** 2 * gradient
    (seen,) = max_margin.descent(at, labels, [1], normalized, start)
    assert seen.norm == pytest.approx(numpy.linalg.norm(stepped), rel=1e-6)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_descent_turns_to_it_slowly_and_normalized_descent_quickly(seed: int) -> None:
    plain, fast = (max_margin.descent(*points(seed), [100, 3000], normalized) for normalized in (False, True))
    assert 1 < plain[-1].angle < plain[0].angle < 30
    assert fast[-1].angle < 0.5
    assert plain[-1].margin < fast[-1].margin <= 1
    assert plain[-1].norm > plain[0].norm


def test_separable_points_are_and_keep_their_distance() -> None:
    at, labels = points(3)
    w = max_margin.support_vector_machine(at, labels)
    assert 1 / numpy.linalg.norm(w) >= 0.3 - 1e-9


def test_descent_on_squares_ends_in_the_nearest_fit() -> None:
    generator = numpy.random.default_rng(0)
    at, targets, start = generator.standard_normal((5, 12)), generator.standard_normal(5), generator.standard_normal(12)
    nearest = max_margin.nearest_fit(at, targets, start)
    assert at @ nearest == pytest.approx(targets)
    fit = numpy.linalg.pinv(at) @ targets
    for other in (fit, max_margin.nearest_fit(at, targets, generator.standard_normal(12))):
        assert numpy.linalg.norm(nearest - start) < numpy.linalg.norm(other - start)
    assert max_margin.squares_descent(at, targets, start, [10, 3000])[-1] == pytest.approx(nearest, abs=1e-10)
    assert max_margin.squares_descent(at, targets, 0 * start, [3000])[-1] == pytest.approx(fit, abs=1e-10)
