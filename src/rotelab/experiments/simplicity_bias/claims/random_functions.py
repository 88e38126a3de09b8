"""Do random weights stand for simple functions?"""

import numpy
import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.verdicts import Below, Within
from rotelab.exact import boolean_functions

BITS, UNITS, COUNT, DRAWS, SEEDS = 7, (40, 40), 500, 100_000, range(5)


def _complexities(functions: numpy.ndarray) -> float:
    words = ("".join("01"[int(value)] for value in row) for row in functions)
    return float(numpy.mean([boolean_functions.complexity(word) for word in words]))


def _simple(_: pandas.DataFrame) -> Values:
    shares = []
    for generator in map(numpy.random.default_rng, SEEDS):
        drawn = boolean_functions.networks(BITS, UNITS, COUNT, generator)
        shares.append(_complexities(drawn) / _complexities(generator.random((COUNT, 2**BITS)) < 0.5))
    return {"": shares}


def _constant(_: pandas.DataFrame) -> Values:
    drawn = (boolean_functions.perceptrons(5, DRAWS, numpy.random.default_rng(seed)) for seed in SEEDS)
    return {"": [float((~of.any(1)).mean() * 2**5) for of in drawn]}


CLAIMS = [
    Claim(
        text="Random networks stand for simpler functions than a coin",
        where="Valle-Perez et al. (2019), Figure 1",
        paper="probabilities fall exponentially with complexity",
        by_seed=True,
        quantity=f"mean complexity of {COUNT:,} networks of {BITS} bits, 40 and 40 units, over that by a coin",
        rule=Below(0.7),
        values=_simple,
    ),
    Claim(
        text="A perceptron without a bias is 1 for any number of inputs equally often: for none in a share of 2^-n",
        where="Mingard et al. (2019), Theorem 4.1",
        paper="2^-n, of 2^(2^n) functions",
        by_seed=True,
        quantity=f"share of the function that is 0 everywhere times 2^5, 5 bits, {DRAWS:,} draws",
        rule=Within(0.9, 1.1),
        values=_constant,
    ),
]
