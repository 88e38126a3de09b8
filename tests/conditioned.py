"""Made-up runs of the sweeps of conditioning."""

from collections.abc import Mapping
from types import MappingProxyType

import pandas
from tables import Curve, constant, runs, together

UNSEEN = {"standard": 0.4, "split": 0.2}
EPOCHS = 80


def arrives(epochs: int | None) -> Curve:
    """At .95 after so many epochs, and one more with every seed; None: never, and dead."""
    return lambda epoch, step, seed: 0.95 if epochs and epoch >= epochs + seed else 0.1


def made(
    split: Mapping[str, int | None],
    plain: int = 10,
    noise: bool = False,
    unseen: Mapping[str, float] = UNSEEN,
    seeds: tuple[int, ...] = (0, 1),
    of: Mapping[str, object] = MappingProxyType({}),
) -> pandas.DataFrame:
    """Runs ``of`` these values under each choice of settings: Eq. (3) there after ``plain`` epochs, Eq. (1) as
    ``split`` says."""
    tables = []
    for settings, epochs in split.items():
        for objective, until in (("standard", plain), ("split", epochs)):
            where = {"objective": objective, "conditioning": settings, **of}
            where |= {"data/inputs": "gaussian_blend"} if noise else {}
            curves = {"accuracy/train": arrives(until), "accuracy/held_out": constant(unseen[objective])}
            found = runs(where, curves, range(EPOCHS + 1), seeds=seeds)
            tables.append(found.assign(dead_since=found.dead_since if until else 5.0))
    return together(*tables)
