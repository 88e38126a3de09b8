"""Is gradient splitting easy from where plain training interpolates?

On the left the mean train accuracy over all epochs there were, on which a run that ended keeps its last: the higher,
the easier. In the middle the optimizer steps to a train accuracy of .5, hollow where not every seed came there, and on
the right the share of dead runs with its 95 % interval.

Dotted lines are the least width from which on plain training fits every seed's labels, true ones and random ones.
"""

from typing import Any

import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab.claims.questions import ease
from rotelab.claims.shares import exact
from rotelab.experiments.double_descent.networks import WIDTH, WRONG
from rotelab.experiments.experiment import Experiment
from rotelab.figures import style
from rotelab.results.lines import Line, check_every, check_names, dead, finals, reached

LEVEL, FITTED = 0.5, 0.99
"""The train accuracies at which steps are read off, and from which on labels are fitted: there runs end."""
LABELS = {0.0: "true labels", 1.0: "random labels"}
OBJECTIVES = {"standard": ("plain training, Eq. (3)", style.PLAIN), "split": ("Eq. (1)", style.MEMORIZE)}
STYLES = {0.0: "-", 1.0: "--"}


def widths(table: pandas.DataFrame) -> list[float]:
    """In order. Raises Refusal where the runs name none, or no share of random labels."""
    check_names(table, [WIDTH, WRONG], "runs of sweep=splitting, which name")
    return sorted(map(float, table[WIDTH].unique()))


def line(objective: str, random: float, width: float) -> Line:
    name, color = OBJECTIVES[objective]
    where = {"objective": objective, WRONG: random, WIDTH: width}
    return Line(f"{name}, {LABELS[random]}", where, color, linestyle=STYLES[random])


def arms(table: pandas.DataFrame) -> dict[tuple[str, float], list[Line]]:
    """Of each objective on each kind of labels, a line a width."""
    return {
        (objective, random): [line(objective, random, width) for width in widths(table)]
        for objective in OBJECTIVES
        for random in LABELS
    }


def eases(table: pandas.DataFrame, objective: str, random: float) -> pandas.DataFrame:
    """The mean train accuracy over all epochs: a row a width, a column a seed."""
    found = {width: ease(table, line(objective, random, width)) for width in widths(table)}
    return pandas.DataFrame(found).T


def fits(table: pandas.DataFrame, objective: str, random: float, level: float = FITTED) -> float | None:
    """The least width from which on every seed ends with this train accuracy; None where there is none."""
    found: float | None = None
    for width in reversed(widths(table)):
        if finals(table, line(objective, random, width)).min() < level:
            break
        found = width
    return found


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Ease, steps and deaths over the width. Raises Refusal where runs are missing."""
    shown = arms(table)
    check_every(table, ["objective", WRONG, WIDTH], "objective, labels and width")
    figure, (easy, steps, deaths) = style.axes(3, width=11.0, height=3.8)
    for (objective, random), arm in shown.items():
        found = eases(table, objective, random).rename_axis("width").reset_index()
        style.seeds(easy, found.melt("width", var_name="run"), "width", arm[0].color, arm[0].linestyle, arm[0].label)
        _steps(steps, table, arm)
        if objective == "split":
            _deaths(deaths, table, arm)
    for random in LABELS:
        if (at := fits(table, "standard", random)) is not None:
            for panel in (easy, steps, deaths):
                panel.axvline(at, color="black", linewidth=0.9, linestyle=(0, (1, 2 + 3 * random)))
    for panel, words in ((easy, "mean train accuracy"), (steps, f"optimizer steps to {LEVEL}"), (deaths, "dead runs")):
        panel.set(xscale="log", xlabel="width", ylabel=words)
        style.counted(panel)
    style.legend_below(easy)
    easy.set_ylim(0, 1.02)
    steps.set_yscale("log")
    deaths.set_ylim(-0.02, 1.02)
    return figure


def _steps(panel: Axes, table: pandas.DataFrame, arm: list[Line]) -> None:
    """A mean a width; hollow and unconnected where not every seed came to the level."""
    whole: dict[float, float] = {}
    for one in arm:
        at, width = reached(table, one, [LEVEL]), float(one.where[WIDTH])
        if len(at) == len(finals(table, one)):
            whole[width] = at.step.mean()
        elif len(at):
            panel.plot(width, at.step.mean(), "o", color=one.color, fillstyle="none", markersize=5)
    _line(panel, whole, arm[0])


def _line(panel: Axes, by_width: dict[float, float], like: Line) -> None:
    look: dict[str, Any] = {"color": like.color, "linestyle": like.linestyle, "label": like.label}
    panel.plot([*by_width], [*by_width.values()], marker="o", markersize=4, **look)


def _deaths(panel: Axes, table: pandas.DataFrame, arm: list[Line]) -> None:
    shares: dict[float, float] = {}
    for one in arm:
        died = dead(table, one)
        found, of = int(died.sum()), len(died)
        shares[width := float(one.where[WIDTH])] = found / of
        panel.plot([width, width], exact(found, of - found), color=one.color, linewidth=0.8, alpha=0.6)
    _line(panel, shares, arm[0])


def note(table: pandas.DataFrame) -> list[str]:
    return [
        *style.seeds_note(table),
        "hollow: not every seed came there",
        "bars: 95 % intervals of a share (Clopper and Pearson)",
        "dotted: from here on plain training fits true labels, in wider dots random ones",
    ]


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Of each arm the width from which on labels are fitted, its ease by width, and how many died."""
    texts = []
    for (objective, random), arm in arms(table).items():
        fitted, found = fits(table, objective, random), eases(table, objective, random).mean(axis=1)
        by_width = ", ".join(f"{value:.2f} at {width:g}" for width, value in found.items())
        died = pandas.concat([dead(table, one) for one in arm])
        told = "no width fits them in every seed" if fitted is None else f"fitted from width {fitted:g} on"
        texts.append(
            f"{arm[0].label}: {told}; mean train accuracy {by_width}; {died.sum():.0f} of {len(died)} runs dead"
        )
    return "\n".join(texts)


EXPERIMENT = Experiment(draw, summary, note=note)
