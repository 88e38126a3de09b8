"""Descent on separable points: does it turn to the greatest margin, and how fast?

The seeds are others than the figure's.
"""

import math
from functools import cache, partial

import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.verdicts import Above, Within
from rotelab.experiments.max_margin.direction import DESCENTS, DIMENSIONS, POINTS, path

SEEDS, STEPS = range(100, 105), 10_000


@cache
def _angles(descent: str) -> dict[int, pandas.Series]:
    """By seed, over steps."""
    return {seed: pandas.Series({seen.step: seen.angle for seen in path(descent, seed, STEPS)}) for seed in SEEDS}


def _power(_: pandas.DataFrame) -> Values:
    doubled = math.log2(math.log(STEPS) / math.log(100))
    return {"": [math.log2(angle[STEPS] / angle[100]) / doubled for angle in _angles("plain").values()]}


def _faster(_: pandas.DataFrame) -> Values:
    plain, normalized = (_angles(descent) for descent in DESCENTS)
    return {"": [math.log10(plain[seed][STEPS] / normalized[seed][STEPS]) for seed in SEEDS]}


OF = f"{POINTS} points in {DIMENSIONS} dimensions, 5 seeds of points"
fit = partial(Claim, by_seed=True)

CLAIMS = [
    fit(
        text="Descent turns to the direction of the greatest margin like 1 / log t",
        where="Soudry et al., Theorem 5",
        paper="the distance is O(1 / log t), in general no better",
        quantity=f"power of log t that the angle goes with from 100 to 10,000 steps: nearer to -1 than to 0, no turn, "
        f"or to -2; {OF}",
        rule=Within(-1.5, -0.5),
        values=_power,
    ),
    fit(
        text="... and normalized steps much faster",
        where="Nacson et al. (2019)",
        paper="log t / sqrt(t) instead of 1 / log t",
        quantity=f"log10 of the angle of plain over that of normalized descent after 10,000 steps; {OF}",
        rule=Above(1.0),
        values=_faster,
    ),
]
