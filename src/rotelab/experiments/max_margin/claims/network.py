"""A homogeneous network: does its normalized margin grow after the fit?"""

from itertools import pairwise

import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.verdicts import Above
from rotelab.experiments.max_margin.network import LABELS, SEEDS, path

STEPS = 2000


def _least_growth(_: pandas.DataFrame) -> Values:
    found = []
    for labels in LABELS:
        for seed in SEEDS:
            margins = [seen.margin for seen in path(labels, seed, STEPS) if seen.error == 0]
            found += [after / before for before, after in pairwise(margins)]
    return {"": [min(found)]}


CLAIMS = [
    Claim(
        text="Once all points are fitted, a homogeneous network's normalized margin grows",
        where="Lyu and Li (2020), Theorem 4.1",
        paper="a smoothed normalized margin never falls",
        recorded="arithmetic",
        quantity="least factor by which the normalized margin grows from one look to the next, six to a factor of ten, "
        "from the fit to 2,000 steps; 3 seeds, labels by a plane and random ones",
        rule=Above(1.0),
        values=_least_growth,
    ),
]
