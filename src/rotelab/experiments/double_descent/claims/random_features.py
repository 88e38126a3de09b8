"""Random features of the digits: a peak at as many as there are images, none with a ridge, and what lies beyond."""

from functools import cache
from itertools import combinations
from math import log2

import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.questions import change_elsewhere
from rotelab.claims.samples import Bounded
from rotelab.claims.verdicts import Below, Within

STEP = log2(1.05)
"""Between neighbours of as many features as images, log2 of their ratio."""
QUANTITY = "100 digits, 15 % of their labels wrong, 5 seeds"


@cache
def _table() -> pandas.DataFrame:
    """Measured once, for both ridges; torch is imported when it is asked."""
    from rotelab.experiments.double_descent import random_features
    from rotelab.system.threads import threads_kept

    with threads_kept(1):
        return random_features.measure(random_features.Scale(100, 597, None, 5), None)


def _errors(ridged: bool) -> pandas.DataFrame:
    """The test error, a row for the number of features over images and a column a seed, with the ridge or without."""
    table = _table()
    return table[(table.ridge > 0) == ridged].pivot(index="ratio", columns="seed", values="test_error")


def _steepest(curve: pandas.Series) -> tuple[float, float]:
    """From where to where a curve rises most, or falls least."""
    rises = {(one, other): curve[other] - curve[one] for one, other in combinations(curve.index, 2)}
    return max(rises, key=lambda pair: rises[pair])


def _place(_: pandas.DataFrame) -> Values:
    from rotelab.experiments.double_descent.random_features import RATIOS

    low, high = log2(min(RATIOS)), log2(max(RATIOS))
    return {"": Bounded(tuple(_errors(False).idxmax().map(log2)), low, high, STEP)}


def _rise(_: pandas.DataFrame) -> Values:
    return {"": change_elsewhere(_errors(True), _steepest)}


def _beyond(_: pandas.DataFrame) -> Values:
    return {
        "": change_elsewhere(
            _errors(False), lambda curve: (curve[curve.index < 1].idxmin(), curve[curve.index > 1].idxmin())
        )
    }


CLAIMS = [
    Claim(
        text="The test error on random features is greatest where there are as many as train images",
        where="Belkin et al. (2019), Figure 2",
        paper="a peak at n features",
        by_seed=True,
        quantity=f"log2 of features over images at the greatest test error; {QUANTITY}",
        rule=Within(log2(0.9), log2(1.1)),
        values=_place,
    ),
    Claim(
        text="... with a ridge nowhere",
        where="Nakkiran et al. (2021), section 5",
        paper="with the best ridge it falls with the number of features",
        by_seed=True,
        quantity="rise of the test error from a number of features to a greater one, the two between which it is "
        f"greatest in the other seeds; ridge 0.01; {QUANTITY}",
        rule=Within(high=0.01),
        values=_rise,
    ),
    Claim(
        text="... and without one the second descent ends below the first",
        where="Belkin et al. (2019), Figure 2",
        paper="the least test error is beyond n features",
        by_seed=True,
        quantity="test error beyond as many features as images minus that below, where they are least in the other "
        f"seeds; {QUANTITY}",
        rule=Below(0.0),
        values=_beyond,
    ),
]
