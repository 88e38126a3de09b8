"""Corruptions are pure functions; the blend with noise is the paper's."""

import pytest
import torch

from rotelab.data.inputs import clean, gaussian_blend
from rotelab.randomness import stream

IMAGES = torch.rand(50, 3, 16, 16, generator=stream("tests", "images"))


def blend(noise: float, images: torch.Tensor = IMAGES, seed: int = 0) -> torch.Tensor:
    return gaussian_blend(images, torch.Generator().manual_seed(seed), noise)


def test_clean_is_the_identity() -> None:
    generator = torch.Generator().manual_seed(0)
    before = generator.get_state()
    assert clean(IMAGES, generator) is IMAGES
    assert torch.equal(generator.get_state(), before)


def test_no_noise_is_the_identity() -> None:
    assert torch.equal(blend(0.0), IMAGES)


def test_pure_noise_has_the_moments_of_the_paper() -> None:
    values = blend(1.0)
    assert values.mean().item() == pytest.approx(0.5, abs=0.01)
    assert values.std().item() == pytest.approx(1 / 3, abs=0.01)
    assert ((values < 0) | (values > 1)).float().mean().item() == pytest.approx(0.134, abs=0.01)


def test_pure_noise_holds_nothing_of_the_images() -> None:
    assert torch.equal(blend(1.0), blend(1.0, torch.zeros_like(IMAGES)))


@pytest.mark.parametrize("noise", [0.1, 0.25, 0.9])
def test_formula(noise: float) -> None:
    drawn = torch.randn(IMAGES.shape, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(blend(noise), IMAGES * (1 - noise) + (drawn / 3 + 0.5) * noise)


def test_noise_is_fixed_by_the_generator() -> None:
    assert torch.equal(blend(0.5, seed=1), blend(0.5, seed=1))
    assert not torch.equal(blend(0.5, seed=1), blend(0.5, seed=2))


def test_every_image_and_channel_has_its_own_noise() -> None:
    assert len(blend(1.0)[:, :, 0, 0].unique()) == 50 * 3


def test_the_images_are_not_changed() -> None:
    before = IMAGES.clone()
    blend(0.5)
    assert torch.equal(IMAGES, before)


@pytest.mark.parametrize("noise", [-0.1, 1.1, float("nan")])
def test_refuses(noise: float) -> None:
    with pytest.raises(ValueError, match=f"noise = {noise} "):
        blend(noise)
