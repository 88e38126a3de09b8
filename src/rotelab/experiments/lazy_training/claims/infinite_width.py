"""Is a trained network of great width what its kernel says?"""

from itertools import islice
from math import log2

import numpy
import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.verdicts import Below
from rotelab.exact import infinite_width, lazy_network

POINTS, QUERIES, DIMENSIONS, STEPS, RATE, SEEDS = 8, 20, 6, 20, 0.3, range(5)


def _distance(units: int, networks: int, seed: int) -> float:
    """Of the mean of so many networks' predictions from the closed form, relative to its size."""
    generator = numpy.random.default_rng(seed)
    points, queries = (generator.standard_normal((count, DIMENSIONS)) for count in (POINTS, QUERIES))
    targets = generator.standard_normal(POINTS)
    gram, cross = (infinite_width.kernels(of, points, 1).tangent for of in (points, queries))
    limit = infinite_width.descended(gram, cross, targets, RATE, STEPS)
    scale, total = 2 / (DIMENSIONS * units) ** 0.5, numpy.zeros(QUERIES)
    for _ in range(networks):
        start = lazy_network.drawn(units, DIMENSIONS, (1.0, 1.0), generator)
        *_, end = islice(lazy_network.descent(points, targets, start, scale, RATE * scale**2), STEPS)
        total += scale * (end(queries) - start(queries)) / networks
    return float(numpy.linalg.norm(total - limit) / numpy.linalg.norm(limit))


def _wide(_: pandas.DataFrame) -> Values:
    return {"": [_distance(10_000, 6, seed) for seed in SEEDS]}


def _narrower(_: pandas.DataFrame) -> Values:
    return {"": [log2(_distance(5000, 6, seed) / _distance(50, 6, seed)) for seed in SEEDS]}


QUANTITY = f"one hidden layer, {POINTS} normal points in {DIMENSIONS} dimensions, {STEPS} steps of descent, 6 networks"

CLAIMS = [
    Claim(
        text="A wide network trained by descent predicts what its tangent kernel says in closed form",
        where="Jacot et al. (2018), Theorem 2; Lee et al. (2019), Theorem 2.1",
        paper="the same at infinite width",
        by_seed=True,
        quantity=f"distance of the mean prediction from the closed form over its size, 10,000 units; {QUANTITY}",
        rule=Below(0.02),
        values=_wide,
    ),
    Claim(
        text="... and the more so, the wider it is",
        where="Lee et al. (2019), section 2.3",
        paper="the difference is at most of the order of width^-1/2",
        by_seed=True,
        quantity=f"log2 of that distance at 5,000 units over that at 50; {QUANTITY}",
        rule=Below(-1.0),
        values=_narrower,
    ),
]
