"""Is the width from which gradient splitting is easy the interpolation threshold of plain training?"""

from math import log2

import pandas

from rotelab.claims.claim import Ask, NotMeasured, Values, our_question
from rotelab.claims.shares import ShareDifference, counts_by_seed
from rotelab.claims.verdicts import Above, Within
from rotelab.experiments.double_descent.networks import WIDTH
from rotelab.experiments.double_descent.splitting import LABELS, arms, eases, fits
from rotelab.results.lines import dead


def _easy(table: pandas.DataFrame) -> pandas.Series:
    """By seed: the least width at which the ease of Eq. (1) on true labels is half way from its least to its greatest
    over widths."""
    found = eases(table, "split", 0.0)
    half = (found.min() + found.max()) / 2
    return (found >= half).idxmax()


def _place(random: float) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        threshold = fits(table, "standard", random)
        if threshold is None:
            raise NotMeasured(f"no width fits {LABELS[random]} under plain training in every seed")
        return {"": (_easy(table) / threshold).map(log2)}

    return values


def _dies(table: pandas.DataFrame) -> Values:
    """Of all runs of Eq. (1) on true labels: below plain training's threshold there, and from it on."""
    threshold = fits(table, "standard", 0.0)
    if threshold is None:
        raise NotMeasured("no width fits true labels under plain training in every seed")
    died = {float(one.where[WIDTH]): dead(table, one) for one in arms(table)["split", 0.0]}
    below = [of for width, of in died.items() if width < threshold]
    if not below:
        raise NotMeasured("no width is below the threshold")
    above = [of for width, of in died.items() if width >= threshold]
    return {"": ShareDifference(*(counts_by_seed(pandas.concat(part)) for part in (below, above)))}


CLAIMS = [
    *(
        our_question(
            text=f"Gradient splitting becomes easy where plain training just fits {words}",
            quantity="log2 of the width where the mean train accuracy of Eq. (1) is half way from its least to its "
            "greatest over the least from which plain training fits every seed's labels",
            rule=Within(-1.0, 1.0),
            values=_place(random),
            sweep=("splitting",),
            dead=True,
        )
        for random, words in LABELS.items()
    ),
    our_question(
        text="Gradient splitting dies more often below that threshold",
        quantity="share of dead runs of Eq. (1), widths below the one that fits true labels minus others",
        rule=Above(0.0),
        values=_dies,
        sweep=("splitting",),
        dead=True,
    ),
]
