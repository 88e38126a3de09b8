"""The VC dimension of linear classifiers with a bias is d + 1, and Radon's partition is what they can't fit beyond."""

from functools import partial
from itertools import product

import pytest
import torch

from rotelab import randomness
from rotelab.exact.complexity import fit
from rotelab.exact.shattering import labelings, largest_shattered, separable_share, shatter
from rotelab.models.mlp import mlp

LINEAR = partial(mlp, widths=[])


def points(count: int, dimensions: int) -> torch.Tensor:
    generator = randomness.stream("test", count, dimensions)
    return torch.randn(count, 1, 1, dimensions, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_a_linear_classifier_shatters_d_plus_one_points_and_no_more(d: int) -> None:
    images = points(d + 2, d)
    assert shatter(LINEAR, images[:-1], randomness.stream("a"), 64) == (2 ** (d + 1), 2 ** (d + 1), True)
    beyond = shatter(LINEAR, images, randomness.stream("a"), 64)
    assert beyond == (2 ** (d + 2) - 2, 2 ** (d + 2), True)  # all but Radon's partition and its negative
    assert largest_shattered(LINEAR, images, [d, d + 1, d + 2], randomness.stream("a"), 64) == d + 1


def test_radons_partition_is_not_fitted() -> None:
    """sum c_i x_i = 0 and sum c_i = 0: the points with c_i > 0 and the others have a point in common."""
    images = points(6, 4)
    system = torch.cat([images.flatten(1).T, torch.ones(1, 6, dtype=torch.float64)])
    sigma = torch.linalg.svd(system).Vh[-1].sign()
    assert fit(LINEAR, images, sigma, randomness.stream("a")) < 1
    sigma[0] *= -1
    assert fit(LINEAR, images, sigma, randomness.stream("a")) == 1


def test_a_wider_network_shatters_more() -> None:
    images = points(6, 2)
    assert largest_shattered(partial(mlp, widths=[16]), images, [3, 4, 6], randomness.stream("a"), 64) == 6
    assert largest_shattered(LINEAR, images, [4, 6], randomness.stream("a"), 64) == 0
    with pytest.raises(ValueError, match="6 images, not 7"):
        largest_shattered(LINEAR, images, [7], randomness.stream("a"))


def test_all_labelings_or_random_ones() -> None:
    every = labelings(3, 8, randomness.stream("a"))
    assert sorted(map(tuple, every.tolist())) == sorted(product((-1, 1), repeat=3))
    some = labelings(3, 7, randomness.stream("a"))
    assert some.shape == (7, 3)
    assert torch.equal(some, labelings(3, 7, randomness.stream("a")))
    assert not torch.equal(some, labelings(3, 7, randomness.stream("b")))
    assert set(labelings(40, 20, randomness.stream("a")).flatten().tolist()) == {-1, 1}
    with pytest.raises(ValueError, match="not 0 and 8"):
        labelings(0, 8, randomness.stream("a"))
    assert shatter(LINEAR, points(10, 2), randomness.stream("a"), 5)[1:] == (5, False)


def test_covers_count() -> None:
    assert [separable_share(n, 2) for n in (1, 2, 3)] == [1, 1, 1]
    assert separable_share(4, 2) == 14 / 16  # all but both labelings of the exclusive or
    assert separable_share(12, 5) == 0.5
    found = shatter(LINEAR, points(5, 2), randomness.stream("a"), 32)
    assert found.fitted / found.tried == separable_share(5, 2) == 22 / 32
