"""Where orders part, and what matching hidden units is worth, of small networks that generalize."""

from functools import cache
from typing import NamedTuple

import numpy
import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.verdicts import Above, Below

SEEDS, HIDDEN, COUNT, EPOCHS, LATE = (0, 1, 2), 32, 200, 12, 6


class Found(NamedTuple):
    """Barriers of the train loss, in nats: of networks that part at the start, or late; of other starts, as they are
    and matched."""

    early: float
    late: float
    other: float
    matched: float


@cache
def _found() -> list[Found]:
    """A seed each; torch is imported when it is asked."""
    from rotelab.exact import branches
    from rotelab.measures.connectivity import barrier
    from rotelab.models.matching import matched
    from rotelab.randomness import stream
    from rotelab.system.threads import threads_kept

    way = branches.Way(0, EPOCHS, 3e-3, 20)

    def of_seed(seed: int) -> Found:
        of = branches.task(seed, None, None, COUNT, 100)
        start, other = (branches.started("mlp1", HIDDEN, of, number) for number in (seed, 1000 + seed))
        ends = branches.parted(start, of, way, [0, LATE], [stream("claim", seed, part) for part in range(3)])
        (elsewhere,) = branches.parted(other, of, way, [0], [stream("claim", seed, part) for part in (0, 2)])[0]
        pairs = (*ends.values(), (ends[0][0], elsewhere), (ends[0][0], matched(ends[0][0], elsewhere)[0]))
        return Found(*(barrier(one, two, of.train, of.labels, 11).loss for one, two in pairs))

    with threads_kept(1):
        return [*map(of_seed, SEEDS)]


def _parting(_: pandas.DataFrame) -> Values:
    return {"": [float(numpy.mean([of.early - of.late for of in _found()]))]}


def _matching(_: pandas.DataFrame) -> Values:
    return {"": [float(numpy.mean([of.matched - of.other for of in _found()]))]}


QUANTITY = f"{HIDDEN} hidden units, {COUNT} digits, {EPOCHS} epochs, 3 seeds, the mean"

CLAIMS = [
    Claim(
        text="The barrier between two networks of one start falls with the epochs that they train together",
        where="Frankle et al. (2020), section 3",
        paper="networks become stable to the noise of SGD early in training",
        recorded="arithmetic",
        quantity=f"barrier of the train loss in nats, parting at once minus parting after {LATE} epochs; {QUANTITY}",
        rule=Above(0.0),
        values=_parting,
    ),
    Claim(
        text="Matching hidden units lowers the barrier between networks of other starts",
        where="Ainsworth et al. (2023), section 5",
        paper="barriers fall, to 0 in wide networks",
        recorded="arithmetic",
        quantity=f"barrier of the train loss in nats, matched minus as they are; {QUANTITY}",
        rule=Below(0.0),
        values=_matching,
    ),
]
