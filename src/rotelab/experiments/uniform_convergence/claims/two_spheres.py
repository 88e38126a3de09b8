"""Does a uniform bound fail for ReLU networks that SGD trains, while their test error falls?"""

from functools import cache, partial
from math import log2

import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.verdicts import Above, Below
from rotelab.experiments.uniform_convergence.two_spheres import Found, Scale, trained

FEW, MANY = 64, 1024
SETTING = Scale((50,), 10, 4.0, 3.0, (FEW, MANY), 5, 2000)
WHERE = "Nagarajan and Kolter, section 3.2"
WORDS = "50 dimensions, 500 units, a margin of 4, 5 seeds"


@cache
def _found() -> list[tuple[Found, Found]]:
    """With few and with many points, of each seed."""
    return [
        (trained(SETTING, *SETTING.dimensions, FEW, seed), trained(SETTING, *SETTING.dimensions, MANY, seed))
        for seed in range(SETTING.seeds)
    ]


def _between(_: pandas.DataFrame) -> Values:
    return {"": [many.moved - many.test for _, many in _found()]}


def _falls(_: pandas.DataFrame) -> Values:
    return {"": [many.test - few.test for few, many in _found()]}


def _distance(_: pandas.DataFrame) -> Values:
    return {"": [log2(many.distance / few.distance) for few, many in _found()]}


def _bound(_: pandas.DataFrame) -> Values:
    return {"": [log2(many.bound / few.bound) for few, many in _found()]}


fit = partial(Claim, by_seed=True)
CLAIMS = [
    fit(
        text="A ReLU network that SGD trained is wrong on its train points moved to the other sphere",
        where=WHERE,
        paper="all of them are wrong",
        quantity=f"error on them minus that on new points; {MANY} points, {WORDS}",
        rule=Above(0.5),
        values=_between,
    ),
    fit(
        text="... while the test error falls with the number of points",
        where=WHERE,
        paper="it decreases",
        quantity=f"test error with {MANY} points minus that with {FEW}; {WORDS}",
        rule=Below(-0.05),
        values=_falls,
    ),
    fit(
        text="... and the distance from the start grows",
        where="Nagarajan and Kolter, section 2",
        paper="norms grow with the number of points",
        quantity=f"log2 of the distance with {MANY} points over that with {FEW}; {WORDS}",
        rule=Above(0.0),
        values=_distance,
    ),
    fit(
        text="... and so does a bound by spectral norms",
        where="Nagarajan and Kolter, section 2",
        paper="bounds grow with the number of points",
        quantity=f"log2 of the bound with {MANY} points over that with {FEW}; {WORDS}",
        rule=Above(0.0),
        values=_bound,
    ),
]
