"""Least squares on random features, against its definition."""

import pytest
import torch

from rotelab.exact import random_features


def stream(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


POINTS = torch.randn(30, 6, generator=stream(), dtype=torch.float64)
TARGETS = torch.randn(30, 2, generator=stream(1), dtype=torch.float64)


def test_they_are_sums_of_few_pixels_cut_at_zero() -> None:
    """Of a point of 0 a feature is half of a normal of variance 0.01; else its variance is 4 |x|^2 / d more."""
    zero, one = torch.zeros(1, 6, dtype=torch.float64), torch.ones(1, 6, dtype=torch.float64)
    for point, variance in ((zero, 0.01), (one, 4.01)):
        found = random_features.features(point, 20_000, stream())
        assert found.min() == 0
        assert float(found.square().mean()) == pytest.approx(variance / 2, rel=0.05)


@pytest.mark.parametrize("count", [10, 30, 80])
def test_without_a_ridge_it_is_the_pseudo_inverse(count: int) -> None:
    of = random_features.features(POINTS, count, stream())
    assert torch.allclose(random_features.fit(of, TARGETS), torch.linalg.pinv(of) @ TARGETS, atol=1e-8)


@pytest.mark.parametrize("count", [10, 80])
def test_with_a_ridge_the_gradient_vanishes(count: int) -> None:
    of = random_features.features(POINTS, count, stream())
    w = random_features.fit(of, TARGETS, 0.3)
    assert torch.allclose(of.T @ (of @ w - TARGETS) + 0.3 * w, torch.zeros_like(w), atol=1e-9)


def test_a_ridge_that_vanishes_leaves_the_least_norm() -> None:
    of = random_features.features(POINTS, 80, stream())
    assert torch.allclose(random_features.fit(of, TARGETS, 1e-9), random_features.fit(of, TARGETS), atol=1e-6)
