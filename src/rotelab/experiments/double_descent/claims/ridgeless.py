"""Ridgeless least squares: where is its risk greatest, and where is it least beyond that?"""

import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.verdicts import Above, Below, Within
from rotelab.exact.ridgeless import asymptotic, expected, least
from rotelab.experiments.double_descent.ridgeless import NOISE, SIGNAL


def _peak(_: pandas.DataFrame) -> Values:
    return {"": [expected(100, 102, SIGNAL, NOISE) / expected(100, 50, SIGNAL, NOISE)]}


def _falls(_: pandas.DataFrame) -> Values:
    return {"": [asymptotic(2.0, SIGNAL, NOISE) - asymptotic(1.25, SIGNAL, NOISE)]}


def _least(_: pandas.DataFrame) -> Values:
    return {"": [least(SIGNAL, NOISE)]}


CLAIMS = [
    Claim(
        text="Least squares without a ridge is at its worst where it can just interpolate",
        where="Hastie et al., Theorem 1",
        paper="the risk diverges at p = n",
        recorded="arithmetic",
        quantity="mean excess risk at p = 102 over that at p = 50; 100 points, signal 1, noise 0.5",
        rule=Above(10.0),
        values=_peak,
    ),
    Claim(
        text="... and more features than that make it better again",
        where="Hastie et al., Theorem 1",
        paper="the risk decreases beyond p = n",
        recorded="arithmetic",
        quantity="asymptotic excess risk at p / n = 2 minus that at 1.25; signal 1, noise 0.5",
        rule=Below(0.0),
        values=_falls,
    ),
    Claim(
        text="... up to p / n = r / (r - s)",
        where="Hastie et al., section 3",
        paper="a minimum where the signal is stronger than the noise",
        recorded="arithmetic",
        quantity="p / n of the least asymptotic risk beyond 1; signal 1, noise 0.5",
        rule=Within(2.0, 2.0),
        values=_least,
    ),
]
