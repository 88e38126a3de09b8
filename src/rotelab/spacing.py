"""When a costly measure looks: often at first, when much changes, and ever more seldom."""

from math import floor, log10


def due(epoch: int, per_decade: int) -> bool:
    """Whether ``epoch`` (0 is before training) is one of about ``per_decade`` evenly spread over each factor of ten.

    Epochs 0 and 1 always are; with many per decade every early epoch is.
    """
    return epoch < 2 or floor(per_decade * log10(epoch)) > floor(per_decade * log10(epoch - 1))
