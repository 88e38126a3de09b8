"""Made-up runs of a ladder of pruning, as the sweeps of lottery tickets leave them."""

from collections.abc import Mapping
from itertools import product

import pandas
from asking import Of, always
from tables import Curve, runs, together

ROUNDS = (0, 7, 15)
"""All, 21 and 3.5 per cent."""


def _of(values: Of, epochs: int = 2) -> Curve:
    """0.1 at first, and the value from so many epochs on."""
    return lambda epoch, step, seed: values(seed) if epoch >= epochs else 0.1


def tickets(held_out: Mapping[tuple[str, int], Of] | None = None, slower: Of | None = None) -> pandas.DataFrame:
    """Held-out accuracies of .9 after two epochs but for those of an arm and round that are given; at round 7 the
    reinitialized take so many steps more, a multiple of four, by default 8."""
    given, longer, tables = held_out or {}, slower or always(8.0), []
    for arm, at in product(("ticket", "reinitialized", "random_mask", "magnitude_at_start"), ROUNDS):
        values = given.get((arm, at), always(0.9))

        def curve(
            epoch: int, step: int, seed: int, values: Of = values, late: bool = (arm, at) == ("reinitialized", 7)
        ) -> float:
            return _of(values, 2 + round(longer(seed) / 4) if late else 2)(epoch, step, seed)

        where = {"objective": "standard", "start.rounds": at, "start.arm": arm}
        tables.append(runs(where, {"accuracy/train": _of(always(1.0)), "accuracy/held_out": curve}, range(9)))
    return together(*tables)


def rewound(held_out: Mapping[tuple[str, int], Of] | None = None) -> pandas.DataFrame:
    """Held-out accuracies of .9 after two epochs, but at round 5 of a scope and an epoch of rewinding, 0 or 2."""
    given, tables = held_out or {}, []
    for scope, rewind, at in product(("layer", "global"), (0, 2), (0, 5)):
        values = given.get((scope, rewind), always(0.9)) if at else always(0.9)
        where = {"objective": "standard", "start.rounds": at, "start.arm": "ticket"}
        where |= {"start.scope": scope, "start.rewind": rewind}
        tables.append(runs(where, {"accuracy/train": _of(always(1.0)), "accuracy/held_out": _of(values)}, range(4)))
    return together(*tables)


def memorizing(
    easy: Mapping[tuple[str, int], Of] | None = None,
    epochs: Mapping[int, Of] | None = None,
    deaths: tuple[int, ...] = (),
) -> pandas.DataFrame:
    """Train accuracies under Eq. (1) that are .5 throughout but for those of an arm and round; or .9 from these epochs
    on, by round, and from the first under plain training. Tickets of the last round die in these seeds."""
    given, tables = easy or {}, []
    for objective, arm, at in product(("standard", "split"), ("ticket", "random_mask"), (0, 1, 2)):
        if objective == "standard":
            curve = _of(always(0.95), 1)
        elif epochs:
            curve = _level(epochs[at])
        else:
            curve = _of(given.get((arm, at), always(0.5)), 0)
        where = {"objective": objective, "start.rounds": at, "start.arm": arm}
        made = runs(where, {"accuracy/train": curve}, range(9))
        if (objective, arm, at) == ("split", "ticket", 2):
            made = made.assign(dead_since=made.seed.map(dict.fromkeys(deaths, 2.0)).astype(float))
        tables.append(made)
    return together(*tables)


def _level(epochs: Of) -> Curve:
    return lambda epoch, step, seed: 0.9 if epoch >= epochs(seed) else 0.1
