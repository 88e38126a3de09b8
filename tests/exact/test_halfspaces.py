"""The best half-space, against all of them found otherwise, and against what training finds."""

from functools import partial
from itertools import product

import pytest
import torch
from scipy.optimize import linprog

from rotelab import randomness
from rotelab.exact.complexity import fit
from rotelab.exact.halfspaces import suprema
from rotelab.exact.shattering import separable_share
from rotelab.models.mlp import mlp


def points(count: int, dimensions: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, dimensions, generator=randomness.stream("test", seed), dtype=torch.float64)


def labelings(count: int) -> torch.Tensor:
    return torch.tensor(list(product((-1.0, 1.0), repeat=count)), dtype=torch.float64)


def separable(at: torch.Tensor, labels: torch.Tensor) -> bool:
    """By linear programming: labels times (w x + b) can be 1 or more for all points."""
    lifted = torch.cat([at, torch.ones(len(at), 1, dtype=at.dtype)], 1)
    found = linprog([0.0] * lifted.shape[1], -(labels[:, None] * lifted).numpy(), [-1.0] * len(at), bounds=(None, None))
    return bool(found.success)


def test_three_signs_on_a_line_by_hand() -> None:
    """A threshold gets two of + - + right, and all of + + -."""
    line = torch.tensor([[0.0], [1.0], [2.0]], dtype=torch.float64)
    signs = torch.tensor([[1.0, -1, 1], [1, 1, -1]], dtype=torch.float64)
    assert suprema(line, signs).tolist() == pytest.approx([1 / 3, 1])


@pytest.mark.parametrize(("count", "dimensions"), [(6, 1), (7, 2), (7, 3)])
def test_it_is_the_best_of_all_that_linear_programming_separates(count: int, dimensions: int) -> None:
    at, every = points(count, dimensions), labelings(count)
    halfspaces = every[[separable(at, labels) for labels in every]]
    assert len(halfspaces) == 2**count * separable_share(count, dimensions)
    assert torch.allclose(suprema(at, every), (every @ halfspaces.T / count).amax(1))


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_as_many_labelings_reach_one_as_cover_counts(dimensions: int) -> None:
    for count in range(1, 10):
        found = suprema(points(count, dimensions), labelings(count))
        assert float((found == 1).double().mean()) == separable_share(count, dimensions)


def test_training_stays_below_it_where_signs_are_not_separable() -> None:
    """Ten points of a plane: what training finds is some way off, and never above."""
    at, every = points(10, 2), labelings(10)
    some, images = every[:: len(every) // 12], at.reshape(10, 1, 1, 2)
    exact, generator = suprema(at, some), randomness.stream("a")
    found = [fit(partial(mlp, widths=[]), images, signs, generator, starts=1, iterations=50) for signs in some]
    trained = torch.tensor(found, dtype=torch.float64)
    assert bool((trained <= exact + 1e-9).all())
    assert bool((trained[exact == 1] == 1).all())
    assert float((exact - trained).mean()) > 0.05
    assert float(suprema(at, every).mean()) == pytest.approx(0.70, abs=0.01)


def test_planes_through_more_points_than_dimensions_are_refused() -> None:
    line = torch.tensor([[0.0, 0], [1, 1], [2, 2], [0, 1]], dtype=torch.float64)
    with pytest.raises(ValueError, match="more than 2 of the points lie on one plane"):
        suprema(line, labelings(4))
    with pytest.raises(ValueError, match="more than 1,000,000 planes"):
        suprema(points(300, 4), torch.ones(1, 300, dtype=torch.float64))
