"""Does test accuracy come long after the fit, by weight decay alone, and what changes meanwhile?"""

from functools import cache
from math import log2

import pandas

from rotelab.claims.claim import Claim, NotMeasured, Values, our_question
from rotelab.claims.verdicts import Above, Below

P, UNITS, FRACTION, RATE, SEEDS = 17, 96, 0.7, 0.01, range(100, 103)
STEPS = {1.0: 400, 0.0: 400}
"""By weight decay."""


@cache
def _found(decay: float) -> pandas.DataFrame:
    """A row a seed and look; torch is imported when it is asked."""
    from rotelab.experiments.grokking.modular_addition import trained

    return trained(P, UNITS, FRACTION, decay, RATE, STEPS[decay], SEEDS)


def _two() -> list[tuple[pandas.Series, pandas.Series]]:
    """Of each seed with decay the looks at which it first fits, and first generalizes."""
    from rotelab.experiments.grokking.modular_addition import FIT, GENERALIZED

    pairs = []
    for _, run in _found(1.0).groupby("seed"):
        fit, general = run[run.train >= FIT], run[run.test >= GENERALIZED]
        if fit.empty or general.empty:
            raise NotMeasured("a seed does not come to both accuracies")
        pairs.append((fit.iloc[0], general.iloc[0]))
    return pairs


def _delay(_: pandas.DataFrame) -> Values:
    return {"": [log2(general.step / fit.step) for fit, general in _two()]}


def _without(_: pandas.DataFrame) -> Values:
    last = _found(0.0)
    return {"": [*last[last.step == last.step.max()].test]}


def _norm(_: pandas.DataFrame) -> Values:
    return {"": [log2(general.norm / fit.norm) for fit, general in _two()]}


def _waves(_: pandas.DataFrame) -> Values:
    return {"": [general.periodicity - fit.periodicity for fit, general in _two()]}


OF = f"addition modulo {P}, {UNITS} units, {FRACTION:.0%} of the pairs, 3 seeds"

CLAIMS = [
    Claim(
        text="With weight decay test accuracy comes long after the fit",
        where="Power et al. (2022); Gromov (2023)",
        paper="well past the point of overfitting",
        by_seed=True,
        quantity=f"doublings of the steps from a train accuracy of .99 to a test accuracy of .9, decay 1; {OF}",
        rule=Above(1.0),
        values=_delay,
    ),
    Claim(
        text="Without weight decay it does not come in as many steps",
        where="Power et al. (2022)",
        paper="weight decay is particularly effective",
        by_seed=True,
        quantity=f"test accuracy after {STEPS[0.0]} steps without decay; {OF}",
        rule=Below(0.5),
        values=_without,
    ),
    Claim(
        text="Hidden units become waves between the fit and the test accuracy",
        where="Gromov (2023); Nanda et al. (2023)",
        paper="the solution that generalizes has periodic weights",
        by_seed=True,
        quantity=f"share of a unit's greatest wave at a test accuracy of .9, minus that at the fit; {OF}",
        rule=Above(0.1),
        values=_waves,
    ),
    our_question(
        text="The norm of the weights does not fall between the fit and the test accuracy",
        by_seed=True,
        quantity=f"log2 of the norm at a test accuracy of .9 over that at the fit; {OF}",
        rule=Above(0.0),
        values=_norm,
    ),
]
