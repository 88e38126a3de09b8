"""What a network does with a batch of a single image: batch norm may find one value a channel, and no deviation."""

from collections.abc import Mapping
from copy import deepcopy

import torch
from torch import nn

from rotelab.errors import InputError, NetworkError


def check_batches(
    network: nn.Module,
    image_shape: tuple[int, ...],
    images: int,
    batch_size: int,
    groups: int = 1,
) -> None:
    """Raises NetworkError where a batch of a split of so many images, cut into so many groups, holds a single image, of
    which the network can't be trained. It is tried on a copy, and draws nothing."""
    if smallest(images, batch_size, groups) > 1 or _learns_from_one(network, image_shape):
        return
    raise NetworkError(
        f"data.batch_size = {batch_size} cuts {images} images so that one is left alone, of which batch norm can take "
        "no statistics: choose another batch size, or another number of images"
    )


def check_shares(images: Mapping[str, int], batch_size: int, devices: int) -> None:
    """Raises InputError where one of so many devices gets no image of a batch of a split, of so many ``images``."""
    for name, count in images.items():
        if (least := smallest(count, batch_size)) < devices:
            raise InputError(
                f"trainer.devices = {devices}: data.batch_size = {batch_size} leaves a {name} batch of {least}, too "
                "few for a share on each device: choose another batch size, or another number of images"
            )


def smallest(images: int, batch_size: int, groups: int = 1) -> int:
    """Images of the smallest group of the smallest batch."""
    sizes = {min(images, batch_size), images % batch_size or min(images, batch_size)}
    return min(size // min(groups, size) for size in sizes)


def _learns_from_one(network: nn.Module, image_shape: tuple[int, ...]) -> bool:
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        try:
            deepcopy(network)(torch.zeros(1, *image_shape))
        except ValueError as error:
            if "more than 1 value per channel" not in str(error):
                raise
            return False
    return True
