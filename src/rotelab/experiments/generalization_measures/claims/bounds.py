"""Are bounds vacuous?"""

from math import log10

import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.verdicts import Above
from rotelab.experiments.generalization_measures.bounds import bounds
from rotelab.experiments.generalization_measures.networks import networks


def _least(table: pandas.DataFrame) -> Values:
    """By seed, of all networks and bounds."""
    of = networks(table)
    least = bounds(of).min(axis=1).groupby(of.seed).min()
    return {"": least.map(log10)}


CLAIMS = [
    Claim(
        text="All bounds are vacuous, constants left out",
        where="In Search of Robust Measures",
        paper="they are",
        quantity="log10 of the least of all bounds of any network; 0 or more says nothing",
        rule=Above(0.0),
        values=_least,
        sweep=("ranking",),
    )
]
