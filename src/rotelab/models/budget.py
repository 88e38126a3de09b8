"""The width at which a network has as many parameters as another architecture: comparisons at equal size."""

from collections.abc import Callable

import torch
from torch import nn

from rotelab.errors import Refusal

MOST = 2**16
"""The greatest width that is tried."""


def nearest(build: Callable[[int], nn.Module], parameters: int) -> int:
    """The ``width`` from 1 whose ``build(width)`` has the count of parameters nearest to ``parameters``; of two as near
    the lesser. Counts have to rise with the width. Networks are built without memory, and draw no random numbers.

    Raises Refusal where the narrowest has more than twice as many, or the widest that is tried too few.
    """

    def count(width: int) -> int:
        with torch.device("meta"), torch.random.fork_rng(devices=[]):
            return sum(parameter.numel() for parameter in build(width).parameters())

    if (least := count(1)) > 2 * parameters:
        raise Refusal(f"model.parameters = {parameters} is too few: a width of 1 has {least}")
    low, high = 1, 2
    while count(high) < parameters:
        low, high = high, 2 * high
        if high > MOST:
            raise Refusal(f"model.parameters = {parameters} is too many: a width of {low} has {count(low)}")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if count(middle) < parameters else (low, middle)
    return min((low, high), key=lambda width: abs(count(width) - parameters))
