"""The random convolutional layer: its features against a filter by hand, and that they depend on the generator."""

import pytest
import torch

from rotelab import randomness
from rotelab.exact.random_convolution import features


def test_features_by_hand() -> None:
    """Images of 6x6 and filters of 5x5 at every second pixel: a response each, the same in all four quarters."""
    images = torch.rand(3, 2, 6, 6, generator=randomness.stream("images"), dtype=torch.float64)
    found = features(images, 4, randomness.stream("filters"))
    assert found.shape == (3, 4 * 8)
    bank = torch.randn(4, 2, 5, 5, generator=randomness.stream("filters"), dtype=torch.float64)
    bank = (bank - bank.mean((1, 2, 3), keepdim=True)) / 50**0.5
    response = torch.einsum("fcij,ncij->nf", bank, images[:, :, :5, :5])
    both = torch.cat([(response - 0.05).relu(), (-response - 0.05).relu()], 1)
    assert torch.allclose(found, both.repeat_interleave(4, 1))
    assert (found > 0).any()


def test_a_grey_image_has_no_features() -> None:
    assert features(torch.full((2, 3, 8, 8), 0.7, dtype=torch.float64), 5, randomness.stream("filters")).max() == 0


def test_the_generator_draws_the_filters() -> None:
    images = torch.rand(2, 1, 8, 8, generator=randomness.stream("images"), dtype=torch.float64)
    one, same, other = (features(images, 3, randomness.stream(name)) for name in ("a", "a", "b"))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_images_too_small_for_the_filters_are_refused() -> None:
    with pytest.raises(ValueError, match="larger images than 5x8"):
        features(torch.zeros(1, 1, 5, 8, dtype=torch.float64), 1, randomness.stream("filters"))
