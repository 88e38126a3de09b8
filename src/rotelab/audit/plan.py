"""What of an audit fits into so many minutes, by how long an epoch takes: images, pixels, seeds and epochs."""

from dataclasses import asdict, dataclass
from math import isqrt

from rotelab.data.sizes import batch_of

COPIES, LABELS, PARTS, ALL = 0.1, 0.5, 0.07, 0.93
"""Of the time: at most for copies, for suspicious labels, for train against test, and until the last network ends.
Memorization, which comes last, has what is left until then."""
PLANTINGS = 2
STEPS, FEWEST, MOST = 500, 20, 60
"""A network that looks for wrong labels takes so many steps, in at least and at most so many epochs."""
LEAST_SIDE = 16
"""Pixels that images are made smaller to, at most, before some are left out."""
SEEDS = 3
"""Of memorization: for an interval; and the most that look for wrong labels."""
SPARE = 1.5
"""Epochs that are begun over those that should fit: the clock ends them, and the timing of one is rough."""
MEMORIZED = 40
"""Epochs that gradient splitting may take at least."""
SIZES = 200, 5000
"""Of a half that is memorized, at least and at most."""


@dataclass(frozen=True)
class Looking:
    """For wrong labels: at so many ``images``, with sides of so many pixels at most, in so many ``seeds`` (two networks
    each) and ``epochs`` for each planting, for so many ``seconds`` at most."""

    images: int
    side: int
    seeds: int
    epochs: int
    seconds: int | float


@dataclass(frozen=True)
class Memorizing:
    """With halves of ``size`` images at most, and ``seeds``, for ``epochs`` at most."""

    size: int
    seeds: int
    epochs: int


def looking(minutes: int | float, images: int, side: int, seconds: int | float) -> Looking:
    """``seconds``: what an epoch of two networks takes for an image, at this ``side``, on which the time depends as on
    the number of pixels. Rather smaller images than fewer epochs, and fewer epochs rather than fewer images."""
    each = 60 * minutes * LABELS / PLANTINGS
    half = -(-images // 2)
    wanted = min(MOST, max(FEWEST, STEPS * batch_of(half) // half))
    fitting = each / (images * seconds)
    if fitting < FEWEST and side > LEAST_SIDE:
        smaller = max(LEAST_SIDE, isqrt(int(side**2 * fitting / FEWEST)))
        seconds, side = seconds * (smaller / side) ** 2, smaller
        fitting = each / (images * seconds)
    if fitting < FEWEST / 2:
        images, fitting = max(8, int(images * fitting / (FEWEST / 2))), FEWEST / 2
    seeds = int(min(SEEDS, max(1, fitting / wanted)))
    return Looking(images, side, seeds, int(max(1, min(wanted, SPARE * fitting / seeds))), each)


def memorizing(minutes: int | float, spent: float, largest: int, seconds: int | float) -> Memorizing:
    """``spent``: seconds, before there is a plan; ``largest``: of the halves that there can be; ``seconds``: what an
    epoch of all networks takes for an image of one."""
    fitting = int(max(0.0, 60 * minutes * (ALL - LABELS - PARTS) - spent) / (MEMORIZED * seconds))
    least, most = SIZES
    return Memorizing(max(1, min(largest, most, max(least, fitting))), SEEDS, 20 * MEMORIZED)


def written(*plans: Looking | Memorizing) -> list[dict[str, float]]:
    return [asdict(plan) for plan in plans]
