"""Made-up networks of several widths, as the sweeps of double descent leave them."""

from collections.abc import Mapping
from itertools import product

import pandas
from asking import Of
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


def split(easy: Of | None = None, deaths: tuple[int, ...] = (0,)) -> pandas.DataFrame:
    """Of the sweep ``splitting``: plain training fits true labels from width 8 on, random ones at 16. The accuracy
    under Eq. (1) is .1, .15 and .4 on true labels by width, and .2 on random ones; ``easy`` says instead which of the
    widths is the first at .4, and others are at .1. The runs of width 4 of these seeds are dead there."""
    tables = []
    for objective, (random, fits) in product(("standard", "split"), ((0.0, 8), (1.0, 16))):
        for place, width in enumerate((4, 8, 16)):
            if objective == "standard":
                accuracy = constant(1.0 if width >= fits else 0.6)
            elif random:
                accuracy = constant(0.2)
            else:
                accuracy = constant((0.1, 0.15, 0.4)[place]) if easy is None else _easy(easy, width)
            where = {"objective": objective, "model.width": width, "data.labels.fraction": random}
            made = runs(where, {"accuracy/train": accuracy}, range(5))
            dying = (objective, random, width) == ("split", 0.0, 4)
            tables.append(
                made.assign(dead_since=made.seed.map({seed: 2.0 for seed in deaths}) if dying else float("nan"))
            )
    return together(*tables)


def _easy(easy: Of, width: int) -> Curve:
    return lambda epoch, step, seed: 0.4 if width >= easy(seed) else 0.1


def smooth(norms: Mapping[int, Of], wrong: Of = lambda seed: 1.0) -> pandas.DataFrame:
    """Of the sweep ``smoothness``: by width the Jacobian's mean norm; ``wrong`` times as great at wrong labels. The
    upper bound of the Lipschitz constant is four times the lower one. Width 8 interpolates."""
    tables = []
    for width, norm in norms.items():

        def times(factor: Of, norm: Of = norm) -> Curve:
            return lambda epoch, step, seed: norm(seed) * factor(seed)

        curves = {
            "accuracy/train": constant(1.0 if width >= INTERPOLATES else 0.8),
            "accuracy/held_out": constant(0.8),
            "jacobian_norm/train": times(lambda seed: 1.0),
            "jacobian_norm/train_clean": times(lambda seed: 1.0),
            "jacobian_norm/train_corrupted": times(wrong),
            "jacobian_norm/held_out": times(lambda seed: 1.0),
            "lipschitz_lower/train": times(lambda seed: 2.0),
            "lipschitz_upper/train": times(lambda seed: 8.0),
        }
        where = {"objective": "standard", "model.width": width, "data.labels.fraction": 0.2}
        tables.append(runs(where, curves, range(1, 3)))
    return together(*tables)
