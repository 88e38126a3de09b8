"""Do random weights stand for simple functions?"""

import numpy
import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.verdicts import Below, Within
from rotelab.exact import boolean_functions

BITS, UNITS, COUNT = 7, (40, 40), 1000


def _complexities(functions: numpy.ndarray) -> float:
    words = ("".join("01"[int(value)] for value in row) for row in functions)
    return float(numpy.mean([boolean_functions.complexity(word) for word in words]))


def _simple(_: pandas.DataFrame) -> Values:
    generator = numpy.random.default_rng(0)
    drawn = boolean_functions.networks(BITS, UNITS, COUNT, generator)
    return {"": [_complexities(drawn) / _complexities(generator.random((COUNT, 2**BITS)) < 0.5)]}


def _constant(_: pandas.DataFrame) -> Values:
    drawn = boolean_functions.perceptrons(5, 100_000, numpy.random.default_rng(0))
    return {"": [float((~drawn.any(1)).mean() * 2**5)]}


CLAIMS = [
    Claim(
        text="Random networks stand for simpler functions than a coin",
        where="Valle-Perez et al. (2019), Figure 1",
        paper="probabilities fall exponentially with complexity",
        recorded="arithmetic",
        quantity=f"mean complexity of {COUNT:,} networks of {BITS} bits, 40 and 40 units, over that by a coin",
        rule=Below(0.7),
        values=_simple,
    ),
    Claim(
        text="A perceptron without a bias is 1 for any number of inputs equally often: for none in a share of 2^-n",
        where="Mingard et al. (2019), Theorem 4.1",
        paper="2^-n, of 2^(2^n) functions",
        recorded="arithmetic",
        quantity="share of the function that is 0 everywhere times 2^5, 5 bits, 100,000 draws",
        rule=Within(0.9, 1.1),
        values=_constant,
    ),
]
