"""Interpolations of least norm against numpy's pseudo-inverse and by hand, and that SGD ends in them."""

import math

import numpy
import pytest
import torch

from rotelab import randomness
from rotelab.exact import minimum_norm
from rotelab.exact.minimum_norm import error, gaussian, interpolate, linear, scaled_gamma, sgd, weights


def normal(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=randomness.stream("test", *shape), dtype=torch.float64)


def doubles(numbers: list) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


def test_a_system_of_two_by_hand() -> None:
    found = interpolate(doubles([[2, 1], [1, 2]]), doubles([[1], [0]]))
    assert found.alpha.flatten().tolist() == pytest.approx([2 / 3, -1 / 3])
    assert found.norm == pytest.approx(math.sqrt(2 / 3))  # alpha^T Y
    assert found.residual == pytest.approx(0, abs=1e-15)
    assert found.rank == 2


def test_the_gaussian_kernel_of_two_points_by_hand() -> None:
    a, b = doubles([[0, 0], [1, 2]]), doubles([[1, 2], [3, 2], [0, 0]])
    expected = [math.exp(-0.1 * square) for square in (5, 13, 0, 0, 4, 5)]
    assert gaussian(a, b, 0.1).flatten().tolist() == pytest.approx(expected)
    assert scaled_gamma(784) == 0.02
    assert scaled_gamma(3072) == pytest.approx(0.02 * 784 / 3072)


def test_fewer_points_than_dimensions_are_fitted_by_the_pseudo_inverse() -> None:
    points, targets = normal(10, 30), normal(10, 3)
    found = interpolate(linear(points, points), targets)
    w = numpy.linalg.pinv(points.numpy()) @ targets.numpy()
    assert numpy.allclose(points.T @ found.alpha, w)
    assert numpy.allclose(weights(points, targets), w)
    assert found.norm == pytest.approx(numpy.linalg.norm(w))
    assert found.residual < 1e-12
    assert found.rank == 10


def test_no_other_fit_has_a_smaller_norm() -> None:
    points, targets = normal(10, 30), normal(10, 1)
    w = weights(points, targets)
    other = normal(30, 1)
    other = other - torch.linalg.pinv(points) @ (points @ other)  # what the points don't see
    assert (points @ (w + other) - targets).abs().max() < 1e-10
    assert (w + 0.01 * other).norm() > w.norm()
    assert abs(float((w * other).sum())) < 1e-10


def test_more_points_than_dimensions_are_least_squares() -> None:
    points, targets = normal(40, 6), normal(40, 2)
    found = interpolate(linear(points, points), targets)
    w = numpy.linalg.lstsq(points.numpy(), targets.numpy(), rcond=None)[0]
    assert numpy.allclose(points.T @ found.alpha, w)
    assert numpy.allclose(weights(points, targets), w)
    assert found.rank == 6
    assert found.residual == pytest.approx(numpy.abs(points.numpy() @ w - targets.numpy()).max())
    assert found.residual > 0.1


def test_duplicates_with_other_targets_get_the_mean() -> None:
    points = doubles([[0], [0], [1]])
    found = interpolate(gaussian(points, points, 1.0), doubles([[0], [1], [4]]))
    assert (gaussian(points, points, 1.0) @ found.alpha).flatten().tolist() == pytest.approx([0.5, 0.5, 4])
    assert (found.rank, found.residual) == (2, pytest.approx(0.5))


def test_any_labels_are_fitted_by_a_gaussian_kernel() -> None:
    points, labels = normal(200, 8), torch.randint(10, (200,), generator=randomness.stream("labels"))
    targets = torch.nn.functional.one_hot(labels, 10).double()
    gram = gaussian(points, points, 0.1)
    found = interpolate(gram, targets)
    assert error(gram @ found.alpha, labels) == 0
    assert found.residual < 1e-9
    assert found.norm == pytest.approx(float(torch.trace(found.alpha.T @ gram @ found.alpha).sqrt()))
    assert error(gram @ found.alpha, (labels + 1) % 10) == 1
    assert error(doubles([[1, 0], [0, 1], [1, 0], [1, 0]]), torch.tensor([0, 1, 1, 0])) == 0.25


@pytest.mark.parametrize("batch", [1, 4])
def test_sgd_from_zero_ends_in_the_least_norm(batch: int) -> None:
    points, targets = normal(12, 60), normal(12, 3)
    exact = weights(points, targets)
    found = sgd(points, targets, [0, 100, 3000], randomness.stream("sgd", batch), batch)
    distances = ((found - exact).norm(dim=(1, 2)) / exact.norm()).tolist()
    assert distances[0] == 1
    assert 1e-3 < distances[1] < 1
    assert distances[2] < 1e-3


def test_a_step_of_sgd_by_hand() -> None:
    """One point: the step is 1 / |x|^2, and the first step fits."""
    (w,) = sgd(doubles([[3, 4]]), doubles([[10]]), [1], randomness.stream("sgd"))
    assert w.flatten().tolist() == pytest.approx([10 * 3 / 25, 10 * 4 / 25])
    points, targets = doubles([[1, 0, 0], [0, 2, 0]]), doubles([[1], [1]])
    steps = sgd(points, targets, [1, 2, 3, 4], randomness.stream("sgd"))
    for w in steps:  # step 1/4: the second point is fitted at once, the first by a quarter of what is left
        assert w[1] in (0, 0.5)
        assert w[2] == 0
        assert float(w[0]) in [1 - 0.75**times for times in range(5)]
    assert steps[-1].abs().sum() > 0


def test_the_order_of_sgd_is_the_generators() -> None:
    points, targets = normal(5, 9), normal(5, 1)
    one, same, other = (sgd(points, targets, [7], randomness.stream(name)) for name in ("a", "a", "b"))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    whole = sgd(points, targets, [7], randomness.stream("a"))
    assert torch.equal(sgd(points, targets, [2, 5, 7], randomness.stream("a"))[-1], whole[-1])


def test_what_has_no_exact_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="9 points of rank 5"):
        sgd(normal(9, 5), normal(9, 1), [1], randomness.stream("sgd"))
    with pytest.raises(ValueError, match=r"not \[3, 2\] and 1"):
        sgd(normal(5, 9), normal(5, 1), [3, 2], randomness.stream("sgd"))
    with pytest.raises(ValueError, match=r"not \[1\] and 0"):
        sgd(normal(5, 9), normal(5, 1), [1], randomness.stream("sgd"), 0)


def test_other_refusals() -> None:
    with pytest.raises(ValueError, match="not 0"):
        gaussian(normal(2, 2), normal(2, 2), 0.0)
    with pytest.raises(ValueError, match="finite"):
        interpolate(doubles([[1, float("nan")], [float("nan"), 1]]), normal(2, 1))


def test_a_near_singular_kernel_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounding may let a singular kernel pass Cholesky; the residual tells."""
    points, targets = normal(30, 4), normal(30, 1)
    gram, shape = linear(points, points), (30, 30)
    noisy = torch.linalg.cholesky(gram + 1e-9 * torch.eye(30, dtype=torch.float64))
    monkeypatch.setattr(
        minimum_norm.torch.linalg, "cholesky_ex", lambda matrix: (noisy.reshape(shape), torch.tensor(0))
    )
    assert interpolate(gram, targets).rank == 4
