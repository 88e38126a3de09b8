"""Features of several scales: how many peaks has the risk over the number of points?"""

from itertools import pairwise

import pandas

from rotelab.claims.claim import Ask, Claim, Values
from rotelab.claims.verdicts import Within
from rotelab.experiments.double_descent.multiple_descent import VARIANCES, least, numbers, peaks

FEATURES = 400


def _peaks(scales: str) -> Ask:
    def values(_: pandas.DataFrame) -> Values:
        return {"": [float(len(peaks(scales, FEATURES)))]}

    return values


def _with_ridge(_: pandas.DataFrame) -> Values:
    risks = [[least(scales, FEATURES, n) for n in numbers(FEATURES, 8)] for scales in VARIANCES]
    return {"": [max(after / before for of in risks for before, after in pairwise(of))]}


CLAIMS = [
    *(
        Claim(
            text=f"Features of {scales} variances give {count:g} peaks",
            where="Nakkiran et al. (2021), section 5; d'Ascoli, Sagun, Biroli (2020)",
            paper="the risk can have a peak for each scale",
            recorded="arithmetic",
            quantity=f"peaks of the excess risk over 6 to 1,200 points, many points' limit; 400 features of {scales} "
            "variances, noise 0.5",
            rule=Within(count, count),
            values=_peaks(scales),
        )
        for scales, count in (("two", 2.0), ("three", 3.0))
    ),
    Claim(
        text="With the best ridge they have none",
        where="Nakkiran et al. (2021), section 5",
        paper="the risk with the best ridge falls with n in all that was tried",
        recorded="arithmetic",
        quantity="greatest ratio of the excess risk at a number of points to that at the one before, 6 to 1,200, many "
        "points' limit; 400 features of two and three variances, noise 0.5",
        rule=Within(high=1.0),
        values=_with_ridge,
    ),
]
