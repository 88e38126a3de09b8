"""Random features of the digits: a peak at as many as there are images, none with a ridge, and what lies beyond."""

from functools import cache

import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.verdicts import Below, Within

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


def _place(_: pandas.DataFrame) -> Values:
    return {"": _errors(False).idxmax()}


def _rise(_: pandas.DataFrame) -> Values:
    of = _errors(True)
    return {"": (of - of.cummin()).max()}


def _beyond(_: pandas.DataFrame) -> Values:
    of = _errors(False)
    return {"": of[of.index > 1].min() - of[of.index < 1].min()}


CLAIMS = [
    Claim(
        text="The test error on random features is greatest where there are as many as train images",
        where="Belkin et al. (2019), Figure 2",
        paper="a peak at n features",
        fits=True,
        quantity=f"features over images at the greatest test error; {QUANTITY}",
        rule=Within(0.9, 1.1),
        values=_place,
    ),
    Claim(
        text="... with a ridge nowhere",
        where="Nakkiran et al. (2021), section 5",
        paper="with the best ridge it falls with the number of features",
        fits=True,
        quantity=f"greatest rise of the test error from a number of features to a greater one; ridge 0.01; {QUANTITY}",
        rule=Within(high=0.01),
        values=_rise,
    ),
    Claim(
        text="... and without one the second descent ends below the first",
        where="Belkin et al. (2019), Figure 2",
        paper="the least test error is beyond n features",
        fits=True,
        quantity=f"least test error beyond as many features as images minus that below; {QUANTITY}",
        rule=Below(0.0),
        values=_beyond,
    ),
]
