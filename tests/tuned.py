"""Made-up runs of the sweep of learning rates."""

from collections.abc import Mapping

import pandas
from tables import Curve, runs, together

from rotelab.experiments.gradient_splitting.learning_rates import ARMS, RATE

RATES = (1e-3, 1e-2)
SEEDS = (0, 1, 100)
"""Two that are reported, and one that chooses the rates."""


def arrives(epochs: int | None) -> Curve:
    """At .6 after so many epochs, and one more with seed 1; None: never."""
    return lambda epoch, step, seed: 0.6 if epochs and epoch >= epochs + seed % 100 else 0.1


def made(epochs: Mapping[str, tuple[int | None, int | None]]) -> pandas.DataFrame:
    """By arm, epochs to the level at each rate; of arms that are not named ten at both."""
    tables = []
    for arm, line in ARMS.items():
        for rate, until in zip(RATES, epochs.get(arm, (10, 10)), strict=True):
            curves = {"accuracy/train": arrives(until)}
            tables.append(runs({**line.where, RATE: rate}, curves, range(101), seeds=SEEDS))
    return together(*tables)
