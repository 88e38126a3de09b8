"""When runs came to a train accuracy, and how accurate they were on held-out images there: a row for each setting."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy
import pandas
from matplotlib.axes import Axes

from rotelab.figures import style
from rotelab.plurals import plural
from rotelab.results import lines
from rotelab.results.lines import Line, held_out, in_units, reached, rows, some, spread

SPREAD = 0.3
"""How far apart the lines of a row stand, of the distance between rows."""


def draw(panels: Sequence[Axes], table: pandas.DataFrame, settings: Mapping[str, Sequence[Line]], level: float) -> None:
    """Epochs to the ``level`` and held-out accuracy there, in two panels: by its words, from the top down, the lines of
    each setting, the same labels in all. Hollow means, with how many came there, are those of not all seeds."""
    lines.check_seeds(table, [replace(line, label=words) for words, row in settings.items() for line in row])
    times, unseen = panels
    count, names = table.seed.nunique(), [*settings][::-1]
    for place, row in enumerate(settings[name] for name in names):
        for line, shift in zip(row, numpy.linspace(SPREAD / 2, -SPREAD / 2, len(row)), strict=True):
            label = line.label if place == 0 else "_"
            for panel, values in (
                (times, reached(table, line, [level]).epoch),
                (unseen, held_out(table, line, level)),
            ):
                _row(panel, values, place + shift, line.color, count, label)
    for panel in panels:
        panel.set_yticks(range(len(names)), names if panel is times else [])
        panel.set_ylim(-0.6, len(names) - 0.4)
        style.legend_below(panel, 1)
    times.set(xlabel=f"epochs to a train accuracy of {level}", xscale="log", xlim=(0.8, 1.3 * table.epoch.max()))
    unseen.set(xlabel=f"held-out accuracy at a train accuracy of {level}", xlim=(0, None))
    if (guess := lines.chance(table)) is not None:
        unseen.set_xlim(0, max(unseen.get_xlim()[1], 2 * guess))
        unseen.axvline(guess, color="0.4", linestyle=(0, (1, 2)), linewidth=0.8, zorder=1)
        where = ("data", "axes fraction")
        unseen.annotate("chance", (guess, 1), (0, 2), where, "offset points", fontsize=6, ha="center")


def _row(panel: Axes, values: pandas.Series, place: float, color: str, count: int, label: str) -> None:
    """Every seed and their mean; hollow, with their number, where not all ``count`` of them got there."""
    panel.scatter(values, [place] * len(values), s=8, color=color, alpha=0.5, linewidths=0)
    if len(values):
        full = len(values) == count
        panel.plot([values.mean()], [place], "o", color=color, markersize=5, fillstyle="full" if full else "none")
    panel.plot([], [], "o", color=color, label=label)
    if len(values) < count:
        where, text = ("axes fraction", "data"), f"{len(values)} of {count}"
        panel.annotate(text, (1.0, place), (2, 0), where, "offset points", fontsize=6, va="center", color=color)


def summary(table: pandas.DataFrame, settings: Mapping[str, Sequence[Line]], level: float) -> str:
    """Of each setting when its lines came to the ``level``, who died, and held-out accuracy there, or how far they came
    if none did; and to each level how many times as long the second of two lines took as the first."""
    texts = []
    for words, row in settings.items():
        texts += [f"{words}:", *(f"  {_summary(table, line, level)}" for line in row)]
        for reached_level, found in lines.ratios(table, *row).groupby("level"):
            share = some(len(found), rows(table, row[0]).seed.nunique())
            texts.append(f"  to {reached_level}: {in_units(found)}{share}")
    return "\n".join(texts)


def _summary(table: pandas.DataFrame, line: Line, level: float) -> str:
    at, dead = reached(table, line, [level]), int(lines.dead(table, line).sum())
    count = rows(table, line).seed.nunique()
    died = f", {dead} dead" if dead else ""
    if at.empty:
        best = rows(table, line).groupby("seed").value.max()
        return f"{line.label}: {level} in 0 of {count} seeds, at most {spread(best, '.2f')}{died}"
    came = f"{level} in {len(at)} of {count} seeds, epochs {spread(at.epoch, 'd')}"
    return f"{line.label}: {came}, held out {spread(held_out(table, line, level), '.3f')}{died}"


def note(table: pandas.DataFrame) -> list[str]:
    return [
        f"{plural(table.seed.nunique(), 'seed')}{lines.over(table)}, each a small dot",
        "hollow: the mean of those that came there, so many of all",
    ]
