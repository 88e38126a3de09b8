"""What several claims ask of a table of runs."""

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from math import log2
from typing import Any

import numpy
import pandas
from scipy.stats import linregress

from rotelab.claims.claim import Ask, NotMeasured, Values
from rotelab.results import lines
from rotelab.results.lines import Line, finals, last, reached, rows
from rotelab.results.record import UNITS


def parameters(network: str, image_shape: tuple[int, int, int], **options: Any) -> Ask:
    """How many a network of ``models/`` has for ten classes; torch is imported when it is asked."""

    def values(_: pandas.DataFrame) -> Values:
        build = getattr(import_module(f"rotelab.models.{network}"), network)
        return {"": [float(sum(parameter.numel() for parameter in build(image_shape, 10, **options).parameters()))]}

    return values


def chosen_elsewhere(by_seed: pandas.DataFrame, alone: str) -> pandas.Series:
    """Of each seed, a row, the column that is greatest in the mean of all others: none chooses its own. NotMeasured,
    with the sentence ``alone``, where there is one seed."""
    if len(by_seed) < 2:
        raise NotMeasured(alone)
    return pandas.Series({seed: by_seed.drop(index=seed).mean().idxmax() for seed in by_seed.index})


def best_elsewhere(by_seed: pandas.DataFrame, alone: str) -> pandas.Series:
    """Of each seed its value there."""
    return at(by_seed, chosen_elsewhere(by_seed, alone))


def at(by_seed: pandas.DataFrame, chosen: pandas.Series) -> pandas.Series:
    """Of each seed, a row, its value in its column of ``chosen``."""
    return pandas.Series({seed: by_seed.loc[seed, column] for seed, column in chosen.items()}, dtype=float)


def change_elsewhere(by_seed: pandas.DataFrame, places: Callable[[pandas.Series], tuple[Any, Any]]) -> list[float]:
    """Of each seed, a column, its value at the second place minus that at the first, both chosen on the mean of all
    others: of its own curve they would be places of its noise."""
    found = []
    for seed in by_seed:
        first, second = places(by_seed.drop(columns=seed).mean(axis=1))
        found.append(float(by_seed.loc[second, seed] - by_seed.loc[first, seed]))
    return found


def chance(table: pandas.DataFrame) -> float:
    """The accuracy of a guess. NotMeasured where runs differ in their classes, or one does not say how many it had."""
    found = lines.chance(table)
    if found is None:
        raise NotMeasured("the runs do not say of how many classes they are, or differ in that")
    return found


def all_seeds(values: pandas.Series, wanted: pandas.Series, what: str) -> pandas.Series:
    """``values``, by seed. NotMeasured where one of the ``wanted`` seeds has none."""
    values = values.dropna()
    if len(values) < wanted.nunique():
        raise NotMeasured(f"{what} in {len(values)} of {wanted.nunique()} seeds")
    return values


def ease(table: pandas.DataFrame, line: Line, unit: str = "epochs", budget: float | None = None) -> pandas.Series:
    """By seed: the mean of a line's value over a ``budget`` in one of UNITS (all epochs there are), by trapezoids from
    the start on; the higher, the easier.

    Always defined, unlike the time to a level, which a run may never reach. A run that ended earlier, for its train
    accuracy was 1, keeps its last value. (Means of the ends of epochs would favour large sets: theirs are later.)
    """
    column = UNITS[unit]
    whole = float(table[column].max() if budget is None else budget)
    found = {}
    for seed, run in rows(table, line).sort_values("epoch").groupby("seed"):
        at, values = run[column].to_numpy(dtype=float), run.value.to_numpy()
        within = at < whole
        if within.sum() < 2:
            raise NotMeasured("the smallest set was trained for fewer steps than an epoch of the largest has")
        end = numpy.interp(whole, at, values)
        found[seed] = float(numpy.trapezoid([*values[within], end], [*at[within], whole])) / whole
    return pandas.Series(found)


def ease_per_doubling(table: pandas.DataFrame, lines: Sequence[Line]) -> Values:
    """Change of the ease per doubling of the set, by seed, over the same epochs, optimizer steps and images.

    All sets go on for the same epochs; the budget of steps and images is what the smallest of them took. NotMeasured
    where there is one size alone.
    """
    if len({line.where["data.size"] for line in lines}) < 2:
        raise NotMeasured("there is one size of the set alone")
    found = {}
    for unit, column in UNITS.items():
        ends = [last(table, line) for line in lines]
        budget = table.epoch.max() * min((end[column] / end.epoch).max() for end in ends)
        by_size = pandas.DataFrame({log2(line.where["data.size"]): ease(table, line, unit, budget) for line in lines})
        found[unit] = [float(linregress(by_size.columns, row).slope) for row in by_size.dropna().to_numpy()]
    return found


def least_final(table: pandas.DataFrame, lines: Iterable[Line]) -> pandas.Series:
    """By seed: the least of the lines' last values."""
    return pandas.DataFrame({line.label: finals(table, line) for line in lines}).dropna().min(axis=1)


def steps_to(table: pandas.DataFrame, line: Line, level: float, of: str) -> pandas.Series:
    """By seed, optimizer steps to a train accuracy. NotMeasured where a run, one ``of`` these, never had it, or had it
    untrained."""
    at = reached(table, line, [level])
    if len(at) < (seeds := rows(table, line).seed.nunique()):
        raise NotMeasured(f"{of}: {len(at)} of {seeds} seeds came to a train accuracy of {level}")
    if not at.step.all():
        raise NotMeasured(f"a train accuracy of {level} was there before training")
    return at.set_index("seed").step.astype(float)
