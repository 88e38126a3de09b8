"""Vapnik's bound: what does it say of linear classifiers, and of as many dimensions as networks have weights?"""

import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.verdicts import Above, Below
from rotelab.exact import vapnik
from rotelab.experiments.uniform_convergence.vapnik import CONVNET, DELTA, bound


def _plane(_: pandas.DataFrame) -> Values:
    return {"": [bound("lines", 10_000)]}


def _network(_: pandas.DataFrame) -> Values:
    return {"": [vapnik.linear(CONVNET, 50_000, DELTA)]}


CLAIMS = [
    Claim(
        text="With points enough a class of few functions is worth on new points what it is on these",
        where="Vapnik and Chervonenkis (1971), Theorem 2",
        paper="the greatest gap goes to 0 where dichotomies grow like a power of n",
        recorded="arithmetic",
        quantity="bound of the gap between train and test error: lines through 0 in the plane, 10,000 points, 95 %",
        rule=Below(0.15),
        values=_plane,
    ),
    Claim(
        text="Of as many dimensions as a network has weights the bound says nothing",
        where="the essay, on generalization bounds; Zhang et al. (2017), section 2.2",
        paper="bounds of networks are vacuous",
        recorded="arithmetic",
        quantity=f"the same bound: linear classifiers in {CONVNET:,} dimensions, 50,000 points",
        rule=Above(1.0),
        values=_network,
    ),
]
