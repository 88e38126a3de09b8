"""Made-up networks of several widths, as the sweeps of double descent leave them."""

from collections.abc import Mapping

import pandas
from tables import Curve, constant, runs, together

INTERPOLATES = 8
"""The width from which on train labels are fitted."""
TEST = {0: {4: 0.9, 8: 0.92, 16: 0.95}, 0.2: {4: 0.8, 8: 0.6, 16: 0.9}}
"""Test accuracies by share of wrong labels and width."""


def made(
    test: Mapping[float, Mapping[int, float | Curve]] = TEST, seeds: tuple[int, ...] = (0, 1), train: float = 1.0
) -> pandas.DataFrame:
    tables = []
    for wrong, by_width in test.items():
        for units, value in by_width.items():
            curves = {
                "accuracy/train": constant(train if units >= INTERPOLATES else 0.8),
                "accuracy/held_out": constant(value) if isinstance(value, int | float) else value,
                "loss/train": constant(0.1),
                "loss/held_out": constant(0.5),
            }
            where = {"objective": "standard", "model.width": units, "data.labels.fraction": wrong}
            tables.append(runs(where, curves, range(1, 5), seeds=seeds))
    return together(*tables)
