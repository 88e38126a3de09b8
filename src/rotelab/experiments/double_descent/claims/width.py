"""Is the test error greatest where networks can just interpolate their train labels?"""

from math import log2

import pandas

from rotelab.claims.claim import Ask, Claim, NotMeasured, Values, our_question
from rotelab.claims.questions import change_elsewhere
from rotelab.claims.samples import Bounded
from rotelab.claims.verdicts import Above, Below, Within
from rotelab.experiments.double_descent.networks import WRONG, errors, peak, prominence, threshold
from rotelab.experiments.double_descent.width import by_epoch

WHERE = "Deep Double Descent"
STEP = 0.001
"""Errors on some thousand images are not told apart below."""


def prominences(by_seed: pandas.DataFrame) -> Bounded:
    """Of each seed's curve, a column, at the places that are the peak of the mean of all others': a place that is
    chosen by the curve itself is a peak of its noise."""
    if by_seed.shape[1] < 2:
        raise NotMeasured("a single seed has no others in which a peak could be looked for")
    others = {seed: by_seed.drop(columns=seed).mean(axis=1) for seed in by_seed}
    return Bounded(tuple(prominence(by_seed[seed], peak(others[seed])) for seed in by_seed), -1.0, 1.0, STEP)


def tests(table: pandas.DataFrame, most: bool) -> pandas.DataFrame:
    """Test errors with the ``most`` wrong labels, or with none: a row a width, a column a seed."""
    found = errors(table)
    if found.wrong.min() > 0 or found.wrong.max() == 0:
        raise NotMeasured("the claim needs runs with and without wrong labels")
    chosen = found[found.wrong == (found.wrong.max() if most else 0)]
    return chosen.pivot(index="width", columns="seed", values="test")


def _peaks(most: bool) -> Ask:
    return lambda table: {"": prominences(tests(table, most))}


def from_threshold(networks: pandas.DataFrame, of: str) -> list[float]:
    """log2 of the width where a column peaks over the interpolation threshold, both of a seed's own networks."""
    distances = []
    for _, by_width in networks.set_index("width").groupby("seed"):
        if (at := threshold(by_width.train)) is None:
            raise NotMeasured("a seed has no width that interpolates its labels")
        distances.append(log2(peak(by_width[of]).at / at))
    return distances


def _at_the_threshold(table: pandas.DataFrame) -> Values:
    found = errors(table)
    return {"": from_threshold(found[found.wrong == found.wrong.max()], "test")}


def _by_epoch(table: pandas.DataFrame) -> pandas.DataFrame:
    found = errors(table)
    return by_epoch(table, table[WRONG].max(), found.width.max()).dropna().loc[1:]


def _second_descent(table: pandas.DataFrame) -> Values:
    return {"": prominences(_by_epoch(table))}


def _overfits(table: pandas.DataFrame) -> Values:
    curves = _by_epoch(table)
    if curves.shape[1] < 2:
        raise NotMeasured("a single seed has no others in which the best epoch could be looked for")
    risen = change_elsewhere(curves, lambda curve: (curve.idxmin(), curve.index[-1]))
    return {"": Bounded(tuple(risen), -1.0, 1.0, STEP)}


CLAIMS = [
    Claim(
        text="With wrong labels the test error has a peak in the width, and falls again",
        where=WHERE,
        paper="20 % wrong, ResNet18: .30 at width 3, .34 at 12, .22 at 64 after 400 epochs",
        quantity="test error at the peak minus that before or beyond it, whichever is more; places by the other seeds; "
        "most wrong labels",
        rule=Above(0.01),
        values=_peaks(most=True),
        sweep=("width",),
    ),
    Claim(
        text="... which is where networks can just interpolate their labels",
        where=WHERE,
        paper="at the interpolation threshold",
        quantity="log2 of the width of the peak over the least from which on the train error is at most .01; most "
        "wrong labels",
        rule=Within(-1.0, 1.0),
        values=_at_the_threshold,
        sweep=("width",),
    ),
    Claim(
        text="Without wrong labels there is no peak",
        where=WHERE,
        paper="CIFAR-10: hardly any",
        quantity="test error at the most prominent point minus that before or beyond it, whichever is more; places by "
        "the other seeds",
        rule=Below(0.01),
        values=_peaks(most=False),
        sweep=("width",),
    ),
    Claim(
        text="The widest network's test error falls a second time by epoch",
        where=WHERE,
        paper="ResNet18, 20 % wrong: .16 after 20 epochs, .26 after 70, .21 after 400",
        quantity="test error at the peak minus that before or beyond it, whichever is more; epochs by the other seeds; "
        "most wrong labels",
        rule=Above(0.01),
        values=_second_descent,
        sweep=("width",),
    ),
    our_question(
        text="... or rises from its least until the end",
        quantity="test error at the end minus that at the best epoch of the other seeds; widest network, most wrong "
        "labels",
        rule=Above(0.01),
        values=_overfits,
        sweep=("width",),
    ),
]
