"""Features of two variances, learned by descent: how many minima has the risk over steps?"""

import numpy
import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.verdicts import Below, Within
from rotelab.exact import gradient_steps
from rotelab.experiments.double_descent.steps import minima, rates, steps, task

FEATURES, DRAWS, SEEDS = 50, 20, range(5)
GROUPS = "two groups of 50 features, of variance 1 and 0.003, 1 to 100,000 steps"
OF = f"many points' limit; {GROUPS}"


def _two(_: pandas.DataFrame) -> Values:
    return {"": [float(len(minima("one", FEATURES)))]}


def _one(_: pandas.DataFrame) -> Values:
    return {"": [float(len(minima("own", FEATURES)))]}


def _gain(_: pandas.DataFrame) -> Values:
    of, at = task(FEATURES), steps(100)
    own, one = (gradient_steps.limit(of, rates(of, way), at).min() for way in ("own", "one"))
    return {"": [own / one]}


def _drawn(_: pandas.DataFrame) -> Values:
    of, at = task(FEATURES), steps(8)
    limit, distances = gradient_steps.limit(of, rates(of, "one"), at), []
    for generator in map(numpy.random.default_rng, SEEDS):
        mean = numpy.mean([gradient_steps.drawn(of, rates(of, "one"), at, generator) for _ in range(DRAWS)], axis=0)
        distances.append(numpy.abs(mean / limit - 1).max())
    return {"": distances}


WHERE = "Heckel and Yilmaz (2021)"
CLAIMS = [
    Claim(
        text="Descent on features of two variances gives two minima over the steps",
        where=f"{WHERE}, Theorem 1",
        paper="bias-variance tradeoffs at different times, one on the other",
        recorded="arithmetic",
        quantity=f"minima of the excess risk, one rate; {OF}",
        rule=Within(2.0, 2.0),
        values=_two,
    ),
    Claim(
        text="... with rates that bring them together, one",
        where=f"{WHERE}, Proposition 1",
        paper="scaled stepsizes eliminate double descent",
        recorded="arithmetic",
        quantity=f"minima of the excess risk, a rate for each variance; {OF}",
        rule=Within(1.0, 1.0),
        values=_one,
    ),
    Claim(
        text="... which is lower than both",
        where=f"{WHERE}, Proposition 1",
        paper="early stopping performs better",
        recorded="arithmetic",
        quantity=f"least excess risk over that with one rate; {OF}",
        rule=Below(1.0),
        values=_gain,
    ),
    Claim(
        text="... and drawn data follow the limit",
        where=f"{WHERE}, Theorem 1",
        paper="up to an error that falls with the number of points",
        by_seed=True,
        quantity=f"greatest relative distance of the mean of {DRAWS} draws of 4,000 points from the limit; {GROUPS}",
        rule=Below(0.1),
        values=_drawn,
    ),
]
