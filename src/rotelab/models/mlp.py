"""Fully connected networks."""

from collections.abc import Sequence
from itertools import pairwise
from math import prod

from torch import nn

from rotelab.errors import Refusal


def mlp(image_shape: tuple[int, int, int], classes: int, widths: Sequence[int], dropout: float = 0.0) -> nn.Sequential:
    """Linear layers of the given hidden ``widths`` with ReLUs between them; no widths at all is a linear classifier.

    After each ReLU ``dropout``, the probability of a zero. Raises Refusal where it is not in [0, 1).
    """
    if not 0 <= dropout < 1:
        raise Refusal(f"model.dropout = {dropout} is not in [0, 1)")
    hidden = [prod(image_shape), *widths]
    layers: list[nn.Module] = []
    for a, b in pairwise(hidden):
        layers += [nn.Linear(a, b), nn.ReLU(), *([nn.Dropout(dropout)] if dropout else [])]
    return nn.Sequential(nn.Flatten(), *layers, nn.Linear(hidden[-1], classes))
