"""Descent on separable points: does it turn to the greatest margin, and how fast?"""

import math

import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.verdicts import Above, Within
from rotelab.experiments.max_margin.direction import SEEDS, path

STEPS = 10_000


def _logarithmic(_: pandas.DataFrame) -> Values:
    factors = []
    for seed in SEEDS:
        angle = {seen.step: seen.angle for seen in path("plain", seed, STEPS)}
        factors.append(angle[STEPS] * math.log(STEPS) / (angle[100] * math.log(100)))
    return {"": [max(max(factor, 1 / factor) for factor in factors)]}


def _faster(_: pandas.DataFrame) -> Values:
    ends = [[path(descent, seed, STEPS)[-1].angle for descent in ("plain", "normalized")] for seed in SEEDS]
    return {"": [min(plain / normalized for plain, normalized in ends)]}


CLAIMS = [
    Claim(
        text="Descent turns to the direction of the greatest margin like 1 / log t",
        where="Soudry et al., Theorem 5",
        paper="the distance is O(1 / log t), in general no better",
        recorded="arithmetic",
        quantity="factor by which angle x log t changes from 100 to 10,000 steps, greatest of 3 seeds; 40 points, 20 "
        "dimensions",
        rule=Within(high=2.0),
        values=_logarithmic,
    ),
    Claim(
        text="... and normalized steps much faster",
        where="Nacson et al. (2019)",
        paper="log t / sqrt(t) instead of 1 / log t",
        recorded="arithmetic",
        quantity="angle of plain over that of normalized descent after 10,000 steps, the least of 3 seeds",
        rule=Above(10.0),
        values=_faster,
    ),
]
