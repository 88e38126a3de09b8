"""Features left out: is the second descent the deeper one?"""

import pandas

from rotelab.claims.claim import Ask, Claim, Values
from rotelab.claims.verdicts import Above, Below
from rotelab.experiments.double_descent.misspecified import curve

POINTS = 100


def _beyond_over_below(features: str) -> Ask:
    def values(_: pandas.DataFrame) -> Values:
        exact = curve(features, POINTS)
        return {"": [exact[exact.index > 1].min() / exact[exact.index < 1].min()]}

    return values


QUANTITY = "least mean excess risk beyond p = n over the least below it; 100 points, signal 1, noise 0.5; "

CLAIMS = [
    Claim(
        text="Of features that are alike, seen at random, it is best to use all: more than there are points",
        where="Belkin, Hsu, Xu (2020), section 2",
        paper="the risk beyond p = n falls below that of any p < n",
        recorded="arithmetic",
        quantity=f"{QUANTITY}p of 400 alike",
        rule=Below(1.0),
        values=_beyond_over_below("one of 4 n alike"),
    ),
    Claim(
        text="Where each feature is better than the next, the best may lie beyond p = n",
        where="Hastie et al., section 5",
        paper="for a slow decay the global minimum is overparametrized",
        recorded="arithmetic",
        quantity=f"{QUANTITY}(1 + p / n)^-2 of the squared signal left out",
        rule=Below(1.0),
        values=_beyond_over_below("best first, a = 2"),
    ),
    Claim(
        text="... or below it",
        where="Hastie et al., section 5",
        paper="for a fast decay it is underparametrized",
        recorded="arithmetic",
        quantity=f"{QUANTITY}(1 + p / n)^-5 of the squared signal left out",
        rule=Above(1.0),
        values=_beyond_over_below("best first, a = 5"),
    ),
]
