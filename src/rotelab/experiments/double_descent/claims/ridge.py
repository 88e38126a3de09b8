"""Ridge regression: does the best ridge have a peak, and can more data hurt?"""

import numpy
import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.verdicts import Above, Within
from rotelab.exact import ridge, ridgeless
from rotelab.experiments.double_descent.ridge import NOISE, SIGNAL

G = numpy.geomspace(0.05, 20, 200)
"""p / n, or n / p."""


def _at_best(g: float) -> float:
    return ridge.asymptotic(g, ridge.best(g, SIGNAL, NOISE), SIGNAL, NOISE)


def _falls(_: pandas.DataFrame) -> Values:
    return {"": [float(numpy.diff([_at_best(g) for g in G.tolist()]).min())]}


def _hurts(_: pandas.DataFrame) -> Values:
    return {"": [ridgeless.expected(98, 100, SIGNAL, NOISE) / ridgeless.expected(50, 100, SIGNAL, NOISE)]}


def _rises(_: pandas.DataFrame) -> Values:
    return {"": [float(numpy.diff([_at_best(1 / ratio) for ratio in G.tolist()]).max())]}


CLAIMS = [
    Claim(
        text="With the best ridge there is no peak",
        where="Hastie et al., section 6; Nakkiran et al. (2021), section 1",
        paper="the risk is monotone in p / n",
        recorded="arithmetic",
        quantity="greatest fall of the asymptotic excess risk from one p / n to the next, 0.05 to 20; r = 1, s = 0.5",
        rule=Within(low=0.0),
        values=_falls,
    ),
    Claim(
        text="Without a ridge more data hurts, towards as many points as features",
        where="Nakkiran (2019)",
        paper="the risk is not monotone in n",
        recorded="arithmetic",
        quantity="mean excess risk of 98 points over that of 50; 100 features, signal 1, noise 0.5",
        rule=Above(1.0),
        values=_hurts,
    ),
    Claim(
        text="... and never with the best ridge",
        where="Nakkiran et al. (2021), Theorem 1",
        paper="the risk is monotone in n",
        recorded="arithmetic",
        quantity="greatest rise of the asymptotic excess risk from one n / p to the next, 0.05 to 20; r = 1, s = 0.5",
        rule=Within(high=0.0),
        values=_rises,
    ),
]
