"""Does the scale of the output alone decide whether features are learned?"""

import numpy
import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.verdicts import Below
from rotelab.exact import lazy_network
from rotelab.exact.lazy_network import Trained

UNITS, DIMENSIONS, POINTS, SEEDS = 100, 20, 150, range(5)
RICH, LAZY = 0.3, 10.0


def _pairs() -> list[tuple[Trained, Trained]]:
    """Rich and lazy, from the same start, of each seed."""
    found = []
    for seed in SEEDS:
        generator = numpy.random.default_rng(seed)
        task = lazy_network.sparse_parity(DIMENSIONS, POINTS, 1000, generator)
        start = lazy_network.drawn(UNITS, DIMENSIONS, (1.0, 1 / UNITS), generator)
        rich, lazy = (lazy_network.fit(task, start, scale, 0.1, 2000, 0.01) for scale in (RICH, LAZY))
        found.append((rich, lazy))
    return found


def _movement(_: pandas.DataFrame) -> Values:
    return {"": [lazy.movement / rich.movement for rich, lazy in _pairs()]}


def _errors(_: pandas.DataFrame) -> Values:
    return {"": [rich.test_error - lazy.test_error for rich, lazy in _pairs()]}


QUANTITY = f"x1 x2 of {DIMENSIONS} signs, {POINTS} points, {UNITS} units, 5 seeds, mean squared error below 0.01"

CLAIMS = [
    Claim(
        text="With a great output scale points are fitted while the tangent kernel hardly moves",
        where="Chizat et al. (2019), Theorem 2.2",
        paper="the way that weights go is of the order of 1 / scale",
        by_seed=True,
        quantity=f"movement of the kernel at scale {LAZY:g} over that at {RICH:g}; {QUANTITY}",
        rule=Below(0.1),
        values=_movement,
    ),
    Claim(
        text="... and what depends on few inputs is then learned worse",
        where="Chizat et al. (2019), section 3; Ghorbani et al. (2020)",
        paper="lazy networks lag behind",
        by_seed=True,
        quantity=f"test error at scale {RICH:g} minus that at {LAZY:g}; {QUANTITY}",
        rule=Below(-0.05),
        values=_errors,
    ),
]
