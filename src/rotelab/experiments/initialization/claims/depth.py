"""Does an initialization that loses the signal keep a deep network from learning?"""

import numpy
import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.samples import Bounded
from rotelab.claims.verdicts import Above, Within
from rotelab.exact import deep_network
from rotelab.experiments.initialization.variance import INITIALIZATIONS

POINTS, WIDTH, STEPS, RATES, SEEDS = 60, 32, 100, (0.01, 0.03), range(5)


def _errors(name: str, depth: int) -> numpy.ndarray:
    """By seed the train error, with the better rate of each."""
    errors = []
    for seed in SEEDS:
        points = numpy.random.default_rng(seed).standard_normal((POINTS, 5))
        labels = (points[:, 0] > 0).astype(int) + (points[:, 1] > 0)
        fits = (
            deep_network.fit(
                *(points, labels, INITIALIZATIONS[name], (WIDTH, depth), rate, STEPS),
                numpy.random.default_rng([seed, depth]),
            )
            for rate in RATES
        )
        errors.append(min(of.error for of in fits))
    return numpy.array(errors)


def _deep(_: pandas.DataFrame) -> Values:
    return {"": _errors("Glorot", 16) - _errors("He", 16)}


def _shallow(_: pandas.DataFrame) -> Values:
    greater = numpy.maximum(_errors("Glorot", 2), _errors("He", 2))
    return {"": Bounded(tuple(greater), 0.0, 1.0, 1 / POINTS)}


WHAT = f"{POINTS} normal points of three classes, width {WIDTH}, {STEPS} steps"

CLAIMS = [
    Claim(
        text="A deep ReLU network learns from He's start where it does not from Glorot's",
        where="He et al. (2015), Figure 3",
        paper="30 layers: Glorot's stalls",
        by_seed=True,
        quantity=f"train error from Glorot's minus from He's, 16 hidden layers; {WHAT}",
        rule=Above(0.2),
        values=_deep,
    ),
    Claim(
        text="... and a shallow one from both",
        where="He et al. (2015), Figure 2",
        paper="22 layers: both converge",
        by_seed=True,
        quantity=f"the greater of the train errors from Glorot's and from He's, 2 hidden layers; {WHAT}",
        rule=Within(high=0.1),
        values=_shallow,
    ),
]
