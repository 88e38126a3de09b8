"""The linear example: can a bound for all that descent may find be small where the test error is?"""

import numpy
import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.shares import Count, Shares
from rotelab.claims.verdicts import Above, Below
from rotelab.exact import opposite_twins
from rotelab.experiments.uniform_convergence.linear_example import POINTS

DIMENSIONS, SEEDS, DRAWS = 50_000, 5, 50


def _test(_: pandas.DataFrame) -> Values:
    return {"": [opposite_twins.test_error(POINTS, DIMENSIONS)]}


def _twins(_: pandas.DataFrame) -> Values:
    """Of draws: seeds have the same number of them."""
    counts = []
    for generator in map(numpy.random.default_rng, range(SEEDS)):
        draws = (opposite_twins.draw(POINTS, DIMENSIONS, generator) for _ in range(DRAWS))
        counts.append(Count(sum((errors.twins, errors.train) == (1.0, 0.0) for errors in draws), DRAWS))
    return {"": Shares(tuple(counts))}


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
        by_seed=True,
        quantity=f"share of {DRAWS} draws in which all twins are wrong and no train point is; {POINTS} points, "
        f"{DIMENSIONS:,} dimensions",
        rule=Above(0.95),
        values=_twins,
    ),
]
