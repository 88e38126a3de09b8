"""Curves of a sweep: a line a run, thinned until they fit, and the means of groups of seeds as a table."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import pandas
from markupsafe import Markup

from rotelab.data.splits import NAMES as SPLITS
from rotelab.report.page.page import fill
from rotelab.report.page.table import Column, table
from rotelab.report.reported import Sweep
from rotelab.results import lines
from rotelab.results.table import thin

SHOWN = ("accuracy/train", "accuracy/held_out", "accuracy/pseudo_test", "gap/train", *(f"loss/{s}" for s in SPLITS))
"""What is offered first, as far as it was measured: ``metric/split``; ``gap`` is that of train and pseudo-test."""
THINNINGS = ((20, True), (10, True), (20, False), (10, False), (5, False), (3, False), (1, False))
"""Points a decade of epochs, and whether curves other than accuracies are kept: the first that fits is taken."""


@dataclass(frozen=True)
class Curves:
    """``shows`` are their keys, words and kinds; ``data`` is what the script draws."""

    shows: Sequence[tuple[str, str, str]]
    data: Mapping[str, Any]


def curves(sweep: Sweep, groups: Mapping[str, int], budget: int) -> Curves:
    """Of the finished runs, in at most ``budget`` bytes of JSON where the coarsest thinning is that small. ``groups``
    has the number of each run's line."""
    assert sweep.curves is not None
    places = {run.name: place for place, run in enumerate(sweep.runs)}
    made = Curves((), {})
    for per_decade, everything in THINNINGS:
        made = _thinned(sweep.curves, places, per_decade, everything)
        if len(json.dumps(made.data, separators=(",", ":"))) <= budget:
            break
    return made


def contents(sweep: Sweep, made: Curves, labels: Sequence[str], groups: Mapping[str, int]) -> Markup:
    return fill("curves.html", shows=made.shows, numbers=numbers(sweep, labels, groups))


def _thinned(of: pandas.DataFrame, places: Mapping[str, int], per_decade: int, everything: bool) -> Curves:
    kept = thin(of, per_decade, SPLITS if everything else ())
    if not everything:
        kept = kept[kept.metric == "accuracy"]
    kept = pandas.concat([kept, lines.gap(kept).assign(metric="gap", split="train")])
    kept = kept.assign(key=kept.metric + "/" + kept.split).sort_values("epoch", kind="stable")
    found = set(kept.key)
    keys = [key for key in SHOWN if key in found] + sorted(found - set(SHOWN))
    lists, axes = Numbers(), Numbers()
    drawn = []
    for run, rows in kept.groupby("run", sort=False):
        y = {}
        for key, curve in rows.groupby("key", sort=False):
            epochs = curve.epoch.tolist()
            axis = [lists.place(epochs), *(_times(epochs, curve[unit].tolist()) for unit in ("step", "images"))]
            y[key] = [axes.place(axis), [_short(value) for value in curve.value]]
        drawn.append({"r": places[str(run)], "y": y})
    shows = [(key, _words(key), _kind(key)) for key in keys]
    guess = lines.chance(of)
    data = {
        "shows": shows,
        "lists": lists.found,
        "axes": axes.found,
        "curves": drawn,
        "chance": guess and _short(guess),
    }
    return Curves(shows, data)


class Numbers:
    """Lists, each kept once and called by its place."""

    def __init__(self) -> None:
        self.found: list[list[Any]] = []
        self._places: dict[str, int] = {}

    def place(self, of: list[Any]) -> int:
        place = self._places.setdefault(json.dumps(of), len(self.found))
        if place == len(self.found):
            self.found.append(of)
        return place


def _times(epochs: Sequence[int], counts: Sequence[int]) -> int | list[int]:
    """How many there are an epoch, where that is always the same, or else all of them."""
    each = counts[-1] // epochs[-1] if epochs[-1] else 0
    return each if all(epoch * each == count for epoch, count in zip(epochs, counts, strict=True)) else list(counts)


def _short(value: float) -> float | None:
    return float(f"{value:.3g}") if isfinite(value) else None


def _words(key: str) -> str:
    metric, _, split = key.replace("_", "-").partition("/")
    return {"gap": "accuracy, train less pseudo-test"}.get(
        metric, f"{split.replace('-', ' ')}: {metric.replace('-', ' ')}"
    )


def _kind(key: str) -> str:
    metric = key.partition("/")[0]
    return metric if metric in ("accuracy", "gap") else "accuracy" if metric == "legacy_accuracy" else ""


def numbers(sweep: Sweep, labels: Sequence[str], groups: Mapping[str, int]) -> Markup:
    """The last accuracies of each line, their mean and the least and greatest of its seeds."""
    assert sweep.curves is not None
    of = sweep.curves[sweep.curves.metric == "accuracy"]
    last = of[of.epoch == of.groupby("run").epoch.transform("max")]
    wide = last.pivot_table(index="run", columns="split", values="value")
    ends = of.groupby("run")[["epoch", "step", "images"]].max()
    columns = [
        Column("line"),
        Column("seeds", True),
        *(Column(unit, True, ",.0f") for unit in ("epochs", "steps", "images")),
    ]
    splits = [split for split in SPLITS if split in wide]
    columns += [
        Column(split.replace("_", "-"), True, ".3f") if kind == "mean" else Column("least to greatest")
        for split in splits
        for kind in ("mean", "range")
    ]
    rows = []
    for group, label in enumerate(labels):
        runs = [run for run in wide.index if groups[run] == group]
        if runs:
            values = [of for split in splits for of in _spread(wide.loc[runs, split])]
            rows.append([label, len(runs), *ends.loc[runs].mean().tolist(), *values])
    return table("The last accuracies of each line, means over its seeds", columns, rows)


def _spread(values: pandas.Series) -> Iterator[float | str]:
    yield float(values.mean())
    yield lines.spread(values, ".3f") if len(values) > 1 else ""
