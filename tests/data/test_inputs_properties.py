"""What an image gets depends on its number, its part and the seed: not on who asks, in which order or how often."""

from collections.abc import Callable
from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from rotelab.data.inputs import (
    Chain,
    Corrupt,
    Corruption,
    Draw,
    gaussian,
    gaussian_blend,
    random_pixels,
    shuffled_pixels,
)
from rotelab.data.reader import Moments, Reader
from rotelab.data.streaming import Lazy
from rotelab.randomness import stream

PART = torch.randint(256, (12, 3, 4, 5), generator=stream("tests"), dtype=torch.uint8)
MOMENTS = torch.tensor([0.2, 0.5, 0.6]), torch.tensor([0.1, 0.2, 0.3])
SEEDS, SHARES = st.integers(0, 10**6), st.floats(0, 1)
NUMBERS = st.lists(st.integers(0, len(PART) - 1), min_size=1, max_size=8)
"""Of images of the part, in any order, some of them twice."""
CORRUPTIONS = st.sampled_from(
    [
        *(partial(gaussian_blend, noise=noise) for noise in (0.0, 0.3, 1.0)),
        *(partial(permute, channels=word) for permute in (shuffled_pixels, random_pixels) for word in ("tied", "free")),
        *(partial(gaussian, moments=word) for word in ("channel", "all")),
    ]
)
Chained = list[tuple[Callable[..., Tensor], int, int]]
CHAINS = st.lists(st.tuples(CORRUPTIONS, SEEDS, st.sampled_from([32, 64])), min_size=1, max_size=2)
"""One corruption, or one after the other, with their seeds."""


def chained(chain: Chained) -> Corrupt:
    first, *then = [Corruption(function, seed, ("train",), bits) for function, seed, bits in chain]
    return Chain(first, then[0]) if then else first


def split(chain: Chained, order: list[int]) -> Lazy:
    """The images of that order, as the split ``train`` has them."""
    numbers = torch.tensor(order)
    everything = Moments(PART, torch.arange(len(PART)), 0)
    return Lazy(Reader(PART, numbers, "train", "all", lambda image: image, chained(chain), everything), len(order))


def image(chain: Chained, number: int) -> Tensor:
    return split(chain, [number])[:][0]


@given(CHAINS, NUMBERS, st.integers(1, 8))
def test_an_image_is_the_same_in_every_order_and_batch(chain: Chained, order: list[int], size: int) -> None:
    expected = torch.stack([image(chain, number) for number in order])
    assert torch.equal(split(chain, order)[:], expected)
    batches = [split(chain, order)[slice(start, start + size)] for start in range(0, len(order), size)]
    assert torch.equal(torch.cat(batches), expected)
    backwards = torch.arange(len(order)).flip(0)
    assert torch.equal(split(chain, order)[backwards], expected.flip(0))


@given(NUMBERS.flatmap(lambda order: st.tuples(st.just(order), st.permutations(order))))
def test_moments_are_the_same_bits_in_every_order(orders: tuple[list[int], list[int]]) -> None:
    a, b = (Moments(PART, torch.tensor(order), 0)() for order in orders)
    assert all(map(torch.equal, a, b))


@given(CHAINS, NUMBERS)
def test_the_global_random_state_is_neither_read_nor_moved(chain: Chained, order: list[int]) -> None:
    torch.manual_seed(1)
    once, state = split(chain, order)[:], torch.get_rng_state()
    torch.manual_seed(2)
    assert torch.equal(split(chain, order)[:], once)
    torch.manual_seed(1)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("function", [shuffled_pixels, random_pixels])
@given(number=st.integers(0, 11), seed=SEEDS, channels=st.sampled_from(["tied", "free"]))
def test_pixels_change_places_and_stay_what_they_are(
    function: Callable[..., Tensor], number: int, seed: int, channels: str
) -> None:
    before = PART[number].float() / 255
    after = function(before, Draw(seed, "all", number, lambda: MOMENTS), channels)
    assert torch.equal(after.flatten().sort().values, before.flatten().sort().values)
    if channels == "tied":
        pixels = [sorted(one.flatten(1).T.tolist()) for one in (before, after)]
        assert pixels[0] == pixels[1]


@given(st.integers(0, 11), SEEDS, SHARES, SHARES)
def test_a_blend_lies_between_the_image_and_its_noise(number: int, seed: int, a: float, b: float) -> None:
    """And the nearer to the noise the larger its share."""
    before, few, many = PART[number].float() / 255, min(a, b), max(a, b)
    draw = Draw(seed, "all", number, lambda: MOMENTS)
    noise = torch.randn(before.shape, generator=draw.own()) / 3 + 0.5
    less, more = (gaussian_blend(before, draw, share) for share in (few, many))
    rounding = 1e-6
    assert (less >= torch.minimum(before, noise) - rounding).all()
    assert (less <= torch.maximum(before, noise) + rounding).all()
    assert ((more - noise).abs() <= (less - noise).abs() + rounding).all()


@given(st.integers(0, 11), st.integers(0, 11), SEEDS)
def test_what_is_drawn_knows_nothing_of_the_image(number: int, other: int, seed: int) -> None:
    draw = Draw(seed, "all", number, lambda: MOMENTS)
    one, two = PART[number].float() / 255, PART[other].float() / 255
    assert torch.equal(gaussian(one, draw), gaussian(two, draw))
    assert torch.equal(gaussian_blend(one, draw, 1.0), gaussian_blend(two, draw, 1.0))
    moved = [
        shuffled_pixels(image, Draw(seed, "all", at, lambda: MOMENTS)) for image, at in ((one, number), (one, other))
    ]
    assert torch.equal(*moved), "one permutation for all"
