"""Corruptions are pure functions of an image and of what it may draw; the blend with noise is Badger's, the others
Zhang's."""

from collections.abc import Callable
from functools import partial

import pytest
import torch

from rotelab.data import inputs
from rotelab.data.inputs import (
    Chain,
    Corruption,
    Draw,
    blurred,
    clean,
    gaussian,
    gaussian_blend,
    random_pixels,
    shifted,
    shuffled_pixels,
    translated,
)
from rotelab.randomness import stream

IMAGES = torch.rand(50, 3, 16, 16, generator=stream("tests", "images"))
IMAGE = IMAGES[0]
MOMENTS = torch.tensor([0.2, 0.5, 0.6]), torch.tensor([0.1, 0.2, 0.3])
DRAWING = [
    partial(gaussian_blend, noise=0.5),
    shuffled_pixels,
    random_pixels,
    gaussian,
    partial(translated, pixels=2),
]


def draw(index: int = 0, seed: int = 0, part: str = "train") -> Draw:
    return Draw(seed, part, index, lambda: MOMENTS)


def all_of(function: Callable[..., torch.Tensor], images: torch.Tensor = IMAGES, **options: object) -> torch.Tensor:
    return torch.stack([function(image, draw(index), **options) for index, image in enumerate(images)])


def blend(noise: float, images: torch.Tensor = IMAGES) -> torch.Tensor:
    return all_of(gaussian_blend, images, noise=noise)


@pytest.mark.parametrize("function", [partial(gaussian_blend, noise=1.0), random_pixels, gaussian])
def test_64_bits_of_a_seed_tell_all_images_apart(function: Callable[..., torch.Tensor]) -> None:
    twins = (25969, 106053)  # whose seeds agree in 32 bits
    noise = [[function(IMAGE, Draw(0, "train", index, lambda: MOMENTS, bits)) for index in twins] for bits in (32, 64)]
    assert torch.equal(*noise[0])
    assert not torch.equal(*noise[1])
    assert torch.equal(noise[0][0], function(IMAGE, draw(twins[0]))), "32 is as it was"
    shared = Corruption(shuffled_pixels, 0, ("train",), 64), Corruption(shuffled_pixels, 0, ("train",))
    a, b = (corrupt(IMAGE, "train", "train", 1, lambda: MOMENTS) for corrupt in shared)
    assert torch.equal(a, b), "what all images share has no twin"


def test_clean_is_the_identity() -> None:
    assert clean(IMAGE, draw()) is IMAGE


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
def test_formula_of_the_blend(noise: float) -> None:
    drawn = torch.randn(IMAGES[3].shape, generator=draw(3).own())
    expected = IMAGES[3] * (1 - noise) + (drawn / 3 + 0.5) * noise
    torch.testing.assert_close(gaussian_blend(IMAGES[3], draw(3), noise), expected)


@pytest.mark.parametrize("noise", [-0.1, 1.1, float("nan")])
def test_refuses_a_share(noise: float) -> None:
    with pytest.raises(ValueError, match=f"noise = {noise} "):
        gaussian_blend(IMAGE, draw(), noise)


@pytest.mark.parametrize("function", DRAWING)
def test_what_is_drawn_depends_on_the_image_and_the_seed_alone(function: Callable[..., torch.Tensor]) -> None:
    before, state = IMAGES.clone(), torch.get_rng_state()
    once = function(IMAGE, draw(7))
    assert torch.equal(function(IMAGE, draw(7)), once)
    assert not torch.equal(function(IMAGE, draw(7, seed=1)), once)
    for other in (draw(8), draw(7, part="test")):
        assert torch.equal(function(IMAGE, other), once) == (function is shuffled_pixels)
    assert torch.equal(IMAGES, before), "the images are not changed"
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("function", [shuffled_pixels, random_pixels])
def test_tied_channels_move_together(function: Callable[..., torch.Tensor]) -> None:
    numbers = torch.arange(256.0).reshape(1, 16, 16)
    moved = function(torch.cat([numbers, numbers + 1000, numbers + 2000]), draw(), channels="tied")
    assert torch.equal(moved[1], moved[0] + 1000)
    assert torch.equal(moved[2], moved[0] + 2000)
    assert sorted(moved[0].flatten().tolist()) == list(range(256))
    assert not torch.equal(moved[0], numbers[0])


@pytest.mark.parametrize("function", [shuffled_pixels, random_pixels])
def test_free_channels_mix(function: Callable[..., torch.Tensor]) -> None:
    moved = function(torch.arange(768.0).reshape(3, 16, 16), draw(), channels="free")
    assert sorted(moved.flatten().tolist()) == list(range(768))
    assert len(set((moved[0].flatten() // 256).tolist())) == 3


def test_one_permutation_for_all_images_or_one_for_each() -> None:
    numbers = torch.arange(256.0).reshape(1, 1, 16, 16).expand(4, 3, 16, 16)
    assert len(all_of(shuffled_pixels, numbers).unique(dim=0)) == 1
    assert len(all_of(random_pixels, numbers).unique(dim=0)) == 4


@pytest.mark.parametrize(
    ("moments", "mean", "deviation"),
    [("channel", *MOMENTS), ("all", torch.full((3,), 1.3 / 3), torch.full((3,), (0.14 / 3 + 0.26 / 9) ** 0.5))],
)
def test_gaussian_has_the_moments_of_the_data(moments: str, mean: torch.Tensor, deviation: torch.Tensor) -> None:
    values = all_of(gaussian, moments=moments).transpose(0, 1).flatten(1)
    torch.testing.assert_close(values.mean(1), mean, atol=0.01, rtol=0)
    torch.testing.assert_close(values.std(1), deviation, atol=0.01, rtol=0)


def test_one_pair_of_moments_is_that_of_all_values() -> None:
    data = torch.randn(3, 40_000, generator=stream("tests")) * MOMENTS[1][:, None] + MOMENTS[0][:, None]
    assert data.std().item() == pytest.approx((0.14 / 3 + 0.26 / 9) ** 0.5, abs=0.002)


@pytest.mark.parametrize(("channels", "values"), [("free", 3 * 256), ("tied", 256)])
def test_gaussian_draws_by_value_or_by_pixel(channels: str, values: int) -> None:
    drawn = gaussian(IMAGE, draw(), "channel", channels)
    standard = (drawn - MOMENTS[0][:, None, None]) / MOMENTS[1][:, None, None]
    assert len((standard * 1e4).round().unique()) == pytest.approx(values, rel=0.02)


@pytest.mark.parametrize(
    ("function", "options"),
    [(shuffled_pixels, {"channels": "both"}), (gaussian, {"channels": "no"}), (gaussian, {"moments": "pixel"})],
)
def test_refuses_a_word(function: Callable[..., torch.Tensor], options: dict[str, str]) -> None:
    ((name, value),) = options.items()
    with pytest.raises(ValueError, match=f"{name} = '{value}' is not one of"):
        function(IMAGE, draw(), **options)


def test_a_corruption_touches_its_splits_only() -> None:
    corrupt = Corruption(random_pixels, 3, ("train", "held_out"))
    arguments = ("part", 5, lambda: MOMENTS)
    assert corrupt(IMAGE, "pseudo_test", *arguments) is IMAGE
    expected = random_pixels(IMAGE, Draw(3, "part", 5, lambda: MOMENTS))
    for split in corrupt.splits:
        assert torch.equal(corrupt(IMAGE, split, *arguments), expected)


def test_corruptions_compose_in_order() -> None:
    first = Corruption(shuffled_pixels, 1, ("train",))
    then = Corruption(partial(gaussian_blend, noise=0.5), 2, ("train",))
    arguments = ("train", "part", 5, lambda: MOMENTS)
    expected = then(first(IMAGE, *arguments), *arguments)
    assert torch.equal(Chain(first, then)(IMAGE, *arguments), expected)
    assert not torch.equal(Chain(then, first)(IMAGE, *arguments), expected)


def test_moments_are_asked_for_by_gaussian_alone() -> None:
    def never() -> inputs.Moments:
        raise AssertionError

    for function in DRAWING[:3]:
        function(IMAGE, Draw(0, "train", 0, never))
    with pytest.raises(AssertionError):
        gaussian(IMAGE, Draw(0, "train", 0, never))


def test_a_shift_leaves_the_edge_behind() -> None:
    image = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert shifted(image, 0, 1).tolist() == [[1, 1, 2], [4, 4, 5]]
    assert shifted(image, 0, -1).tolist() == [[2, 3, 3], [5, 6, 6]]
    assert shifted(image, 1, 0).tolist() == [[1, 2, 3], [1, 2, 3]]
    assert shifted(image, -5, 0).tolist() == [[4, 5, 6], [4, 5, 6]]
    assert torch.equal(shifted(IMAGES, 0, 0), IMAGES)
    assert torch.equal(shifted(IMAGES, 2, -1)[3], shifted(IMAGES[3], 2, -1))


def test_each_image_is_moved_by_pixels_of_its_own() -> None:
    places = [(down, right) for down in range(-1, 2) for right in range(-1, 2)]
    found = all_of(translated, pixels=1)
    moves = [
        next(at for at in places if torch.equal(shifted(image, *at), moved))
        for image, moved in zip(IMAGES, found, strict=True)
    ]
    assert set(moves) == {*places}
    assert torch.equal(all_of(translated, pixels=0), IMAGES)
    with pytest.raises(ValueError, match="pixels = -1 is less than 0"):
        translated(IMAGE, draw(), -1)


def test_a_blur_spreads_a_point_as_a_normal_distribution() -> None:
    point = torch.zeros(1, 33, 33)
    point[0, 16, 16] = 1
    made = blurred(point, draw(), 2.0)
    places = torch.arange(33.0) - 16
    assert made.sum().item() == pytest.approx(1, abs=1e-5)
    assert (made[0].sum(dim=0) * places.square()).sum().item() == pytest.approx(4, abs=0.15), "three deviations alone"
    assert torch.equal(blurred(point, draw(), 0.0), point)
    flat = torch.full((3, 5, 9), 0.25)
    torch.testing.assert_close(blurred(flat, draw(), 100.0), flat)
    with pytest.raises(ValueError, match="below 0"):
        blurred(point, draw(), -1.0)
