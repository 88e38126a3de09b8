"""Fully connected networks."""

from collections.abc import Sequence
from itertools import pairwise
from math import prod

from torch import nn


def mlp(image_shape: tuple[int, int, int], classes: int, widths: Sequence[int]) -> nn.Module:
    """Linear layers of the given hidden ``widths`` with ReLUs between them; no widths at all is a linear classifier."""
    hidden = [prod(image_shape), *widths]
    layers = [layer for a, b in pairwise(hidden) for layer in (nn.Linear(a, b), nn.ReLU())]
    return nn.Sequential(nn.Flatten(), *layers, nn.Linear(hidden[-1], classes))
