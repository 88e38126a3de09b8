"""Are networks least smooth where they can just interpolate, and less smooth at wrongly labelled images?"""

from math import log2

import pandas

from rotelab.claims.claim import NotMeasured, Values, our_question
from rotelab.claims.verdicts import Above, Below, Within
from rotelab.experiments.double_descent.claims.width import from_threshold
from rotelab.experiments.double_descent.smoothness import MEAN, at_threshold, measured


def _place(table: pandas.DataFrame) -> Values:
    return {"": from_threshold(measured(table), MEAN)}


def _ratio(table: pandas.DataFrame, one: str, other: str) -> pandas.DataFrame:
    """log2 by width and seed. NotMeasured where the runs have not both."""
    found = measured(table)
    if missing := {one, other} - {*found}:
        raise NotMeasured(f"no run measured {', '.join(sorted(missing))}")
    return found.assign(ratio=(found[one] / found[other]).map(log2)).pivot(
        index="width", columns="seed", values="ratio"
    )


def _wrong(table: pandas.DataFrame) -> Values:
    at = at_threshold(measured(table))
    if at is None:
        raise NotMeasured("no width interpolates its labels on average")
    return {"": _ratio(table, "jacobian_norm/train_corrupted", "jacobian_norm/train_clean").loc[at]}


def _falls(table: pandas.DataFrame) -> Values:
    """From the threshold to the widest network, within a seed."""
    found = measured(table)
    at = at_threshold(found)
    if at is None or at == found.width.max():
        raise NotMeasured("no width below the widest interpolates its labels on average")
    by_seed = found.pivot(index="width", columns="seed", values=MEAN)
    return {"": (by_seed.loc[found.width.max()] / by_seed.loc[at]).map(log2)}


def _vacuous(table: pandas.DataFrame) -> Values:
    return {"": _ratio(table, "lipschitz_upper/train", "lipschitz_lower/train").mean()}


CLAIMS = [
    our_question(
        text="Slopes at train images are greatest where networks can just interpolate",
        quantity="log2 of the width where the mean Jacobian norm peaks over the least from which on the train error is "
        "at most .01",
        rule=Within(-1.0, 1.0),
        values=_place,
        sweep=("smoothness",),
    ),
    our_question(
        text="... and the widest network is smoother",
        quantity="log2 of the mean Jacobian norm of the widest over that at the threshold",
        rule=Below(0.0),
        values=_falls,
        sweep=("smoothness",),
    ),
    our_question(
        text="At the threshold slopes are greater at wrongly labelled images",
        quantity="log2 of the mean Jacobian norm at train images with wrong labels over that at others",
        rule=Above(0.0),
        values=_wrong,
        sweep=("smoothness",),
    ),
    our_question(
        text="The product of operator norms is more than twice what ascent finds",
        quantity="log2 of the upper bound over the lower one, the mean over widths",
        rule=Above(1.0),
        values=_vacuous,
        sweep=("smoothness",),
    ),
]
