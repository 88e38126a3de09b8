"""Crop, augment, standardize: by hand, and what draws from where."""

from typing import Any

import pytest
import torch

from rotelab.data.preprocessing import Preprocessing, augmentation, cropped, standardized
from rotelab.errors import InputError
from rotelab.randomness import stream

IMAGES = torch.rand(6, 3, 8, 8, generator=stream("tests", "images"))
IMAGE = IMAGES[0]
NOTHING: dict[str, Any] = {
    "random_crop": None,
    "flip": 0.0,
    "brightness": 0.0,
    "saturation": 0.0,
    "hue": 0.0,
    "rotation": 0.0,
}


def with_(**options: Any) -> Preprocessing:
    crop = options.get("random_crop")
    return Preprocessing(crop, False, augmentation(**(NOTHING | options)), crop is not None)


def numbered(count: int = 200) -> torch.Tensor:
    """Images whose every pixel has its own number."""
    return torch.arange(64.0).reshape(1, 1, 8, 8).expand(count, 1, 8, 8)


def test_standardized_by_hand() -> None:
    image = torch.tensor([[[[1.0, 3.0], [5.0, 7.0]]]])
    torch.testing.assert_close(standardized(image), (image - 4) / 5**0.5)


def test_each_image_by_itself_over_all_channels() -> None:
    made = standardized(torch.cat([IMAGES, 100 * IMAGES + 7]))
    torch.testing.assert_close(made.mean((1, 2, 3)), torch.zeros(12), atol=1e-5, rtol=0)
    torch.testing.assert_close(made.std((1, 2, 3), correction=0), torch.ones(12))
    torch.testing.assert_close(made[:6], made[6:], atol=1e-4, rtol=1e-4)
    assert made.mean((2, 3)).abs().max() > 0.01


def test_a_grey_image_stays_at_0_and_a_faint_one_faint() -> None:
    assert not standardized(torch.full((1, 3, 4, 4), 0.5)).any()
    faint = 0.5 + 1e-4 * IMAGES[:1]
    torch.testing.assert_close(standardized(faint), (faint - faint.mean()) * 192**0.5)


def test_the_middle_of_32_is_rows_and_columns_2_to_29() -> None:
    pixels = torch.arange(32.0 * 32).reshape(1, 1, 32, 32)
    assert torch.equal(cropped(pixels, 28), pixels[..., 2:30, 2:30])


def test_a_crop_larger_than_the_images() -> None:
    with pytest.raises(InputError, match=r"data.crop = 9 is larger than the images, which are 8x8"):
        cropped(IMAGES, 9)


def test_nothing_is_the_identity() -> None:
    assert augmentation(**NOTHING) is None
    made = Preprocessing()
    assert made.before_corruption(IMAGE) is IMAGE
    assert made.evaluated(IMAGES) is IMAGES
    assert made.trained(IMAGES, stream("tests")) is IMAGES


def test_the_crop_comes_before_corruption_unless_it_is_random() -> None:
    fixed, random = Preprocessing(6), with_(random_crop=6)
    assert torch.equal(fixed.before_corruption(IMAGE), cropped(IMAGES, 6)[0])
    assert random.before_corruption(IMAGE) is IMAGE
    for made in (fixed, random):
        assert torch.equal(made.evaluated(IMAGES), cropped(IMAGES, 6))
    small = cropped(IMAGES, 6)
    assert torch.equal(fixed.evaluated(small), small), "cropping twice is cropping once"


def test_random_crops_are_everywhere_and_each_image_has_its_own() -> None:
    corners = with_(random_crop=6).trained(numbered(), stream("tests"))[:, 0, 0, 0]
    assert set(corners.tolist()) == {8.0 * row + column for row in range(3) for column in range(3)}


def test_flips_are_horizontal_and_as_probable_as_said() -> None:
    images = numbered()
    made = with_(flip=0.25).trained(images, stream("tests"))
    flipped = (made == images.flip(3)).flatten(1).all(1)
    assert (flipped | (made == images).flatten(1).all(1)).all()
    assert flipped.float().mean().item() == pytest.approx(0.25, abs=0.1)


@pytest.mark.parametrize("option", ["brightness", "saturation", "hue"])
def test_colours_change_and_shapes_do_not(option: str) -> None:
    made = with_(**{option: 0.3}).trained(IMAGES, stream("tests"))
    assert made.shape == IMAGES.shape
    assert all(not torch.equal(a, b) for a, b in zip(made, IMAGES, strict=True))


def test_rotation() -> None:
    made = with_(rotation=25.0).trained(torch.ones(40, 1, 8, 8), stream("tests"))
    assert made[:, :, 3:5, 3:5].min() > 0.99
    assert (made[:, 0, 0, 0] < 0.5).any(), "corners come from outside"


def test_augmented_images_are_standardized() -> None:
    made = Preprocessing(6, True, augmentation(**(NOTHING | {"random_crop": 6})), True).trained(IMAGES, stream("tests"))
    torch.testing.assert_close(made.mean((1, 2, 3)), torch.zeros(6), atol=1e-5, rtol=0)


def test_the_generator_decides_and_the_global_state_is_left_alone() -> None:
    made = with_(random_crop=6, flip=0.5, hue=0.1, rotation=10.0)
    torch.manual_seed(1)
    state = torch.get_rng_state()
    once = made.trained(IMAGES, stream("tests", 1))
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(2)
    assert torch.equal(made.trained(IMAGES, stream("tests", 1)), once)
    assert not torch.equal(made.trained(IMAGES, stream("tests", 2)), once)
