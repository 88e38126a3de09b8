"""Batches of a single image: refused where batch norm has one value a channel, and nowhere else."""

from functools import partial

import pytest
import torch
from torch import nn

from rotelab.errors import InputError
from rotelab.models.mlp import mlp
from rotelab.models.one_image import check_batches, smallest
from rotelab.models.resnet18 import resnet18

narrow = partial(resnet18, width=0.05)


@pytest.mark.parametrize(
    ("images", "batch_size", "groups", "expected"),
    [(129, 64, 1, 1), (128, 64, 1, 64), (1, 64, 1, 1), (10, 99, 1, 10), (6, 6, 3, 2), (10, 6, 3, 1), (8, 5, 5, 1)],
)
def test_the_smallest_group(images: int, batch_size: int, groups: int, expected: int) -> None:
    assert smallest(images, batch_size, groups) == expected


@pytest.mark.parametrize(("images", "groups"), [(129, 1), (66, 2)])
def test_batch_norm_of_a_single_image_is_refused(images: int, groups: int) -> None:
    with pytest.raises(InputError, match=rf"^data.batch_size = 64 cuts {images} images so that one is left alone"):
        check_batches(narrow((3, 8, 8), 2), (3, 8, 8), images, 64, groups)


@pytest.mark.parametrize(
    ("network", "side", "images"),
    [
        (narrow, 8, 128),  # no image is alone
        (narrow, 64, 129),  # an image alone has several values a channel
        (partial(narrow, batch_norm="frozen_init"), 8, 129),  # takes no statistics
        (partial(mlp, widths=[4], dropout=0.5), 8, 129),  # has no batch norm
    ],
)
def test_all_others_are_not(network: partial, side: int, images: int) -> None:
    shape = (3, side, side)
    made: nn.Module = network(shape, 2)
    before, drawn = {key: value.clone() for key, value in made.state_dict().items()}, torch.get_rng_state()
    check_batches(made, shape, images, 64)
    assert all(torch.equal(value, before[key]) for key, value in made.state_dict().items())
    assert torch.equal(torch.get_rng_state(), drawn)
