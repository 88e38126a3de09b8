"""Descent on squares: where does it end?"""

import pandas

from rotelab.claims.claim import Ask, Claim, Values
from rotelab.claims.verdicts import Above, Within
from rotelab.experiments.max_margin.start import Scale, measure

SCALE = Scale(20, 60, 3000)


def _distance(start: str, column: str, greatest: bool) -> Ask:
    def values(_: pandas.DataFrame) -> Values:
        table = measure(SCALE)
        last = table[(table.start == start) & (table.step == SCALE.steps)][column]
        return {"": [float(last.max() if greatest else last.min())]}

    return values


QUANTITY = "distance after 3,000 steps over the least norm, 20 points, 60 weights; "

CLAIMS = [
    Claim(
        text="Descent from 0 ends in the fit of least norm",
        where="Zhang et al. (2017), section 5",
        paper="w = X^+ y",
        recorded="arithmetic",
        quantity=f"{QUANTITY}greatest of 3 seeds",
        rule=Within(high=1e-6),
        values=_distance("zero", "to_least", greatest=True),
    ),
    Claim(
        text="... from elsewhere it does not",
        where="arithmetic",
        paper="what no point sees of the start stays",
        recorded="arithmetic",
        quantity=f"{QUANTITY}from elsewhere, least of 3 seeds",
        rule=Above(0.1),
        values=_distance("elsewhere", "to_least", greatest=False),
    ),
    Claim(
        text="... but in the fit that is nearest to where it starts",
        where="arithmetic",
        paper="w_0 + X^+ (y - X w_0)",
        recorded="arithmetic",
        quantity=f"{QUANTITY}from elsewhere to the nearest fit, greatest of 3 seeds",
        rule=Within(high=1e-6),
        values=_distance("elsewhere", "to_nearest", greatest=True),
    ),
]
