"""The linear example: can a bound for all that descent may find be small where the test error is?"""

import numpy
import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.verdicts import Below, Within
from rotelab.exact import opposite_twins
from rotelab.experiments.uniform_convergence.linear_example import POINTS

DIMENSIONS = 50_000


def _test(_: pandas.DataFrame) -> Values:
    return {"": [opposite_twins.test_error(POINTS, DIMENSIONS)]}


def _twins(_: pandas.DataFrame) -> Values:
    draws = (opposite_twins.draw(POINTS, DIMENSIONS, numpy.random.default_rng(seed)) for seed in range(20))
    return {"": [min(errors.twins - errors.train for errors in draws)]}


CLAIMS = [
    Claim(
        text="Descent on the linear example predicts nearly all new points",
        where="Nagarajan and Kolter, Theorem 3.1",
        paper="test error at most epsilon, with dimensions enough",
        recorded="arithmetic",
        quantity=f"test error, {POINTS} points and {DIMENSIONS:,} dimensions",
        rule=Below(0.001),
        values=_test,
    ),
    Claim(
        text="... and is wrong on all twins of its train points, so that no uniform bound is below 1",
        where="Nagarajan and Kolter, Theorem 3.1",
        paper="the tightest uniform bound is at least 1 - epsilon",
        recorded="arithmetic",
        quantity=f"error on twins minus that on train points, the least of 20 draws; {POINTS} points, {DIMENSIONS:,} "
        "dimensions",
        rule=Within(1.0, 1.0),
        values=_twins,
    ),
]
