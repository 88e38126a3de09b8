"""Does an initialization keep activations as large as they are, through depth?"""

from functools import cache

import numpy
import pandas

from rotelab.claims.claim import Ask, Claim, Values
from rotelab.claims.verdicts import Within
from rotelab.exact.signal_propagation import ratios
from rotelab.experiments.initialization.variance import INITIALIZATIONS

WIDTH, DEPTH, NETWORKS, SEEDS = 64, 10, 300, 5


@cache
def _sizes(name: str) -> numpy.ndarray:
    """|x|^2 after the last layer over that of the input: a row a seed, a network each."""
    of = INITIALIZATIONS[name]
    drawn = (ratios(of, WIDTH, DEPTH, numpy.random.default_rng(seed)) for seed in range(SEEDS * NETWORKS))
    return numpy.array([forward[-1] for forward, _ in drawn]).reshape(SEEDS, NETWORKS)


def _a_layer(name: str) -> Ask:
    def values(_: pandas.DataFrame) -> Values:
        return {"": _sizes(name).mean(1) ** (1 / DEPTH)}

    return values


def _walk(_: pandas.DataFrame) -> Values:
    return {"": numpy.log(_sizes("He")).var(1, ddof=1) / (5 * DEPTH / WIDTH)}


QUANTITY = f"{NETWORKS} networks of {DEPTH} ReLU layers of width {WIDTH}"

CLAIMS = [
    Claim(
        text="He's initialization keeps the size of activations through ReLU layers",
        where="He et al. (2015), Eq. (10)",
        paper="width / 2 times the weights' variance is 1",
        by_seed=True,
        quantity=f"factor of the mean |x|^2 a layer; {QUANTITY}",
        rule=Within(0.95, 1.05),
        values=_a_layer("He"),
    ),
    Claim(
        text="... and Glorot's halves it at every layer",
        where="He et al. (2015), section 2.2",
        paper="1 / 2^L after L layers",
        by_seed=True,
        quantity=f"factor of the mean |x|^2 a layer; {QUANTITY}",
        rule=Within(0.475, 0.525),
        values=_a_layer("Glorot"),
    ),
    Claim(
        text="In a single network sizes walk at random: their logarithm has a variance of 5 / width a layer",
        where="Hanin and Rolnick (2018), Theorem 2",
        paper="of the order of the sum of 1 / width over layers",
        by_seed=True,
        quantity=f"variance of log |x|^2 over networks over 5 depth / width; {QUANTITY}",
        rule=Within(0.8, 1.25),
        values=_walk,
    ),
]
