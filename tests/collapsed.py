"""Made-up runs of the sweeps of collapse."""

from collections.abc import Callable, Sequence
from itertools import product
from math import e, log

import pandas
from tables import constant, runs, together

Dies = Callable[[str, int], bool]
"""(pairs, seed) -> whether the run is dead at its end."""
SEEDS = range(4)


def made(
    dies: Dies,
    column: str = "optimizer.lr",
    values: Sequence[object] = (1e-3, 1e-2),
    rank: Callable[[int], float] = float,
    seeds: Sequence[int] = SEEDS,
) -> pandas.DataFrame:
    """Runs of a sweep that varies a column, and the rate's the order of batches as well; of seed s ``rank(s)``."""
    orders = ("fixed", "reshuffled") if column == "optimizer.lr" else (None,)
    tables = []
    for pairs, order, value, seed in product(("as_ordered", "balanced"), orders, values, seeds):
        dead = dies(pairs, seed)
        curves = {
            "accuracy/train": constant(0.1),
            "loss/train": constant(log(9 + e) - 0.1 if dead else log(10)),
            "winner_share/train": constant(1.0),
            "winner_rank/train": constant(rank(seed)),
        }
        where = {"data.pairs": pairs, column: value} | ({"data.batch_order": order} if order else {})
        tables.append(runs(where, curves, range(3), seeds=(seed,)))
    return together(*tables)


def unequal(pairs: str, seed: int) -> bool:
    """Those as ordered die."""
    return pairs == "as_ordered"
