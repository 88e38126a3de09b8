"""Do flat minima generalize: over learning rates and batch sizes, and between plain training and memorizing?"""

from functools import partial
from math import log2

import numpy
import pandas

from rotelab.claims.claim import Ask, Claim, NotMeasured, Values, our_question
from rotelab.claims.questions import at, chosen_elsewhere
from rotelab.claims.samples import Bounded
from rotelab.claims.verdicts import Above
from rotelab.experiments.flat_minima.sharpness import MEASURES, networks, pairs, within

STEP = 0.1
"""Of the taus of some six networks."""
NAMES = {
    "narrowness": "Weights that can be moved less far",
    "hessian": "A greater top eigenvalue of the Hessian",
    "adaptive": "A greater adaptive sharpness",
}


def _within(measure: str) -> Ask:
    return lambda table: {"": Bounded(tuple(within(networks(table)[0], measure)), -1.0, 1.0, STEP)}


def _pairs(table: pandas.DataFrame) -> pandas.DataFrame:
    found = pairs(networks(table)[0])
    if found.empty:
        raise NotMeasured("no setting came to the train accuracy under both objectives")
    return found


def _between(measure: str) -> Ask:
    """Of each seed the mean over settings."""

    def values(table: pandas.DataFrame) -> Values:
        found = _pairs(table)
        ratios = (found[f"{measure}_split"] / found[f"{measure}_plain"]).map(log2)
        return {"": ratios.groupby(found.seed).mean()}

    return values


def _best(table: pandas.DataFrame, between: bool) -> Values:
    """Of each seed, with the measure that is best in the others, by the lesser of both comparisons: tau within Eq. (3),
    or the mean sign of the change from Eq. (3) to (1). The lesser itself is below 0 by chance."""
    found = _pairs(table)
    worse = numpy.sign(found.test_split - found.test_plain)
    changes = {measure: numpy.sign(found[f"{measure}_split"] - found[f"{measure}_plain"]) for measure in MEASURES}
    signs = pandas.DataFrame({of: (worse * change).groupby(found.seed).mean() for of, change in changes.items()})
    every, _ = networks(table)
    taus = pandas.DataFrame({measure: within(every, measure) for measure in MEASURES})
    alone = "fewer than two seeds have both: no others in which a measure could be chosen"
    lesser = (taus + signs - (taus - signs).abs()) / 2
    chosen = chosen_elsewhere(lesser.dropna(), alone)
    return {"": Bounded(tuple(at(signs if between else taus, chosen)), -1.0, 1.0, STEP)}


BEST = "of the measure where the lesser of tau and sign is greatest in the other seeds"

CLAIMS = [
    *(
        Claim(
            text=f"{words} means a greater test error, over learning rates and batch sizes",
            where="Keskar et al.; Jiang et al. (2020)",
            paper="large batches end in sharp minima, which generalize worse; sharpness is among the best measures",
            quantity="Kendall's tau with the test error over the settings of Eq. (3), at equal train accuracy",
            rule=Above(0.0),
            values=_within(measure),
            sweep=("sharpness",),
        )
        for measure, words in NAMES.items()
    ),
    *(
        our_question(
            text=f"Memorizing ends sharper than plain training: {MEASURES[measure]}",
            quantity="log2 of Eq. (1) over Eq. (3) at equal train accuracy, the mean over settings",
            rule=Above(0.0),
            values=_between(measure),
            sweep=("sharpness",),
        )
        for measure in NAMES
    ),
    our_question(
        text="The measure best in both comparisons goes with the test error over learning rates and batch sizes",
        quantity=f"Kendall's tau within Eq. (3), {BEST}",
        rule=Above(0.0),
        values=partial(_best, between=False),
        sweep=("sharpness",),
    ),
    our_question(
        text="... and from plain training to memorizing",
        quantity=f"mean over settings of the sign, 1 where both rise or both fall from Eq. (3) to (1), {BEST}",
        rule=Above(0.0),
        values=partial(_best, between=True),
        sweep=("sharpness",),
    ),
]
