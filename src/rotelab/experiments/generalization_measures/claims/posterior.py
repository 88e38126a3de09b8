"""Does an optimized PAC-Bayes bound say anything?"""

import pandas

from rotelab.claims import questions
from rotelab.claims.claim import Ask, Claim, Values
from rotelab.claims.verdicts import Above, Below
from rotelab.experiments.generalization_measures.posterior import BOUND, errors

SOURCE = "Computing Nonvacuous Generalization Bounds"


def _beyond_chance(fraction: float) -> Ask:
    """By seed: the bound minus the error of a guess, with this fraction of random labels."""

    def values(table: pandas.DataFrame) -> Values:
        found = errors(table, BOUND)
        at = found[found.fraction == fraction].set_index("run").value
        return {"": at - (1 - questions.chance(table))}

    return values


CLAIMS = [
    Claim(
        text="On true labels the bound of an optimized posterior is below chance",
        where=SOURCE,
        paper=".16 to .22, where a guess has .5, on MNIST in two classes",
        quantity="bound of the error minus the error of a guess",
        rule=Below(0.0),
        values=_beyond_chance(0.0),
        sweep=("posterior",),
    ),
    Claim(
        text="On random labels it says nothing",
        where=SOURCE,
        paper="1.35",
        quantity="the same; a bound is 1 at most here",
        rule=Above(0.0),
        values=_beyond_chance(1.0),
        sweep=("posterior",),
    ),
]
