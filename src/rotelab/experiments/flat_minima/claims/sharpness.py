"""Do flat minima generalize: over learning rates and batch sizes, and between plain training and memorizing?"""

from math import log2

import numpy
import pandas

from rotelab.claims.claim import Ask, Claim, NotMeasured, Values, our_question
from rotelab.claims.questions import best_elsewhere
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


def _worst(table: pandas.DataFrame) -> Values:
    """Of each seed, with the measure that is best in the others: the lesser of tau within Eq. (3) and the mean sign
    of the change from Eq. (3) to (1), as both are between -1 and 1."""
    inner = {measure: within(networks(table)[0], measure) for measure in MEASURES}
    found = _pairs(table)
    worse = numpy.sign(found.test_split - found.test_plain)
    worst = {}
    for measure in MEASURES:
        signs = worse * numpy.sign(found[f"{measure}_split"] - found[f"{measure}_plain"])
        worst[measure] = numpy.minimum(inner[measure], signs.groupby(found.seed).mean())
    by_seed = pandas.DataFrame(worst).dropna()
    alone = "fewer than two seeds have both: no others in which a measure could be chosen"
    return {"": Bounded(tuple(best_elsewhere(by_seed, alone).tolist()), -1.0, 1.0, STEP)}


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
        text="One measure goes with the test error in both comparisons",
        quantity="the lesser of tau within Eq. (3) and the mean sign between Eq. (1) and (3), of the measure where "
        "that is greatest in the other seeds",
        rule=Above(0.0),
        values=_worst,
        sweep=("sharpness",),
    ),
]
