"""Made-up runs, as ``results.table.load_sweep`` gives those of a sweep."""

from collections.abc import Callable, Iterable, Mapping

import pandas

from rotelab.results.files import COLUMNS
from rotelab.results.table import TABLE

Curve = Callable[[int, int, int], float]
"""(epoch, step, seed) -> value."""


def runs(
    where: Mapping[str, object],
    curves: Mapping[str, Curve],
    epochs: Iterable[int] = range(11),
    steps: int = 4,
    seeds: Iterable[int] = (0, 1),
    classes: int | None = 10,
) -> pandas.DataFrame:
    """A run of every seed with the settings ``where``: its ``curves`` (``metric/split``) at ``epochs`` of so many steps
    of 25 images, and of 25 others under Eq. (1)."""
    rows, images = [], 50 if where.get("objective", "split") == "split" else 25
    for seed in seeds:
        for epoch in epochs:
            for name, curve in curves.items():
                metric, split = name.split("/")
                step = steps * epoch
                rows.append((epoch, step, images * step, split, metric, curve(epoch, step, seed)))
    table = pandas.DataFrame(rows, columns=COLUMNS)
    named = "-".join(map(str, where.values()))
    of = [seed for seed in seeds for _ in range(len(table) // len(list(seeds)))]
    settings = {"objective": "split", "model": "mlp", "data": "digits", **where}
    table = table.assign(run=[f"{named}-{seed}" for seed in of], seed=of, dead_since=float("nan"), **settings)
    table = table.assign(class_count=classes)
    return table[[*TABLE, *(column for column in table if column not in TABLE)]]


def together(*tables: pandas.DataFrame) -> pandas.DataFrame:
    return pandas.concat(tables, ignore_index=True)


def constant(value: float, spread: float = 0.0) -> Curve:
    """``value``, and ``spread`` more with every seed."""
    return lambda epoch, step, seed: value + spread * seed


def straight(last: float, epochs: int) -> Curve:
    """From 0 to ``last`` in so many epochs."""
    return lambda epoch, step, seed: last * epoch / epochs


def sooner(epochs: int) -> Curve:
    """Half of the way to 1 after so many epochs, and one more with every seed."""
    return lambda epoch, step, seed: 1 - 2 ** (-epoch / (epochs + seed))


def late(epochs: int, last: float = 1.0, start: float = 0.5) -> Curve:
    """``last`` from so many epochs on, a half from that share of them on."""
    return lambda epoch, step, seed: last if epoch >= epochs else 0.5 if epoch >= start * epochs else 0.1
