"""Can more train images hurt a network, and does the interpolation threshold move with their number?"""

from math import log2

import pandas

from rotelab.claims.claim import Claim, NotMeasured, Values
from rotelab.claims.questions import best_elsewhere
from rotelab.claims.samples import Bounded
from rotelab.claims.verdicts import Above, Below
from rotelab.experiments.double_descent.claims.width import STEP, WHERE
from rotelab.experiments.double_descent.networks import threshold
from rotelab.experiments.double_descent.samples import hurt, measured


def _hurts(table: pandas.DataFrame) -> Values:
    """Of each seed at the width that is the worst in the mean of all others."""
    change = hurt(measured(table))
    alone = "a single seed has no others in which a width could be looked for"
    return {"": _bounded(best_elsewhere(change.T, alone).tolist())}


def _helps(table: pandas.DataFrame) -> Values:
    return {"": _bounded(hurt(measured(table)).iloc[-1].tolist())}


def _bounded(changes: list[float]) -> Bounded:
    return Bounded(tuple(changes), -1.0, 1.0, STEP)


def _moves(table: pandas.DataFrame) -> Values:
    found = measured(table)
    sizes = found["size"].min(), found["size"].max()
    moved = []
    for _, of in found.groupby("seed"):
        few, many = (threshold(of[of["size"] == size].set_index("width").train) for size in sizes)
        if few is None or many is None:
            raise NotMeasured("a seed has no width that interpolates its labels")
        moved.append(log2(many / few))
    return {"": moved}


CLAIMS = [
    Claim(
        text="At some width more train images hurt",
        where=WHERE,
        paper="there are sizes of networks for which twice or 4.5 times as many do, or do not help",
        quantity="test error with the most train images minus that with the fewest, at the width that is the worst in "
        "the other seeds",
        rule=Above(0.0),
        values=_hurts,
        sweep=("samples",),
    ),
    Claim(
        text="More images move the interpolation threshold to wider networks",
        where=WHERE,
        paper="they shift the peak to the right",
        quantity="log2 of the least width from which on the train error is at most .01, with the most images over that "
        "with the fewest",
        rule=Above(0.0),
        values=_moves,
        sweep=("samples",),
    ),
    Claim(
        text="The widest network gets better with more images",
        where=WHERE,
        paper="it does",
        quantity="test error with the most train images minus that with the fewest; widest network",
        rule=Below(0.0),
        values=_helps,
        sweep=("samples",),
    ),
]
