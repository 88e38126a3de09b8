"""Is accuracy after a shift on a line over that before it, and do networks of another kind lie on the same one?"""

import pandas

from rotelab.claims.claim import Ask, Claim, NotMeasured, Values, our_question
from rotelab.claims.samples import Bounded
from rotelab.claims.verdicts import Above, Within
from rotelab.experiments.distribution_shift.line import KINDS, STRENGTHS, convolutional, line, networks, one

STEP = 0.02
"""Of correlations over a dozen networks."""


def _strong(table: pandas.DataFrame, kind: str) -> list[pandas.DataFrame]:
    """Of each seed."""
    return [of for _, of in one(networks(table), kind, STRENGTHS[-1]).groupby("seed")]


def _correlation(kind: str, ends: bool) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        found = (line(of[of["last"]] if ends else of).r for of in _strong(table, kind))
        return {"": Bounded(tuple(found), -1.0, 1.0, STEP)}

    return values


def _above(kind: str) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        found = []
        for of in _strong(table, kind):
            others, own = of[~convolutional(of)], of[convolutional(of)]
            if others.empty or own.empty:
                raise NotMeasured("a seed has not both kinds of networks")
            found.append(line(others).above(own))
        return {"": found}

    return values


CLAIMS = [
    *(
        Claim(
            text=f"Accuracy after {words} is on a line over that before it, {over}",
            where="Miller et al. (2021)",
            paper="a linear trend in probits for many shifts, though not for all",
            quantity=f"Pearson's r of probits, the strong shift, {over}",
            rule=Above(0.9),
            values=_correlation(kind, ends),
            sweep=("line",),
        )
        for kind, words in KINDS.items()
        for ends, over in ((True, "over networks at the end of training"), (False, "over networks and epochs"))
    ),
    *(
        our_question(
            text=f"Convolutional networks lie on the line of fully connected ones, after {words}",
            quantity="their mean height above it in probits, the strong shift, over networks and epochs",
            rule=Within(-0.2, 0.2),
            values=_above(kind),
            sweep=("line",),
        )
        for kind, words in KINDS.items()
    ),
]
