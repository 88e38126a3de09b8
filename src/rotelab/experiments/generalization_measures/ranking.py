"""Which measure has the order of the generalization gaps, by four statistics?

Kendall's tau and its granulated form, Psi, are 1 where a larger measure always means a larger gap and -1 where it
always means a smaller one; the conditional mutual information is 0 where a measure says no more than a hyper-parameter
does. The last panel has a dot for every two settings that differ in one hyper-parameter: the share of
pairs in the wrong order; the worst is orange, beyond the line worse than a coin.

Bars are 95 % of draws of networks; the pale ones of draws of whole seeds.
"""

import numpy
import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab.experiments.experiment import Experiment
from rotelab.experiments.generalization_measures.networks import (
    EPOCH_RATIO,
    Networks,
    Statistic,
    errors,
    granulated,
    information,
    interval,
    networks,
    notes,
    shown,
    tau,
    worst,
)
from rotelab.figures import style

DRAWS = 40
PANELS: tuple[tuple[str, Statistic], ...] = (
    ("Kendall's tau", tau),
    ("granulated tau, Psi", granulated),
    ("conditional mutual information", information),
)


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """A row a measure. Raises Refusal where runs are missing."""
    of = networks(table)
    names = shown(of)
    figure, panels = style.axes(4, width=11.0, height=1.2 + 0.19 * len(names))
    for (title, statistic), panel in zip(PANELS, panels, strict=False):
        intervals(panel, of, names, statistic)
        panel.set_xlabel(title)
    for panel in panels[:2]:
        panel.axvline(0, color="black", linewidth=0.6)
    _environments(panels[3], of, names)
    for panel in panels:
        panel.set(ylim=(len(names) - 0.5, -0.5))
        panel.set_yticks(range(len(names)), names if panel is panels[0] else [], fontsize=6.5)
    return figure


def intervals(panel: Axes, of: Networks, names: list[str], statistic: Statistic) -> None:
    """A row a measure, from 0: the statistic, 95 % of draws of networks and, wider and paler, of seeds."""
    for row, name in enumerate(names):
        color = style.MEMORIZE if name == EPOCH_RATIO else style.PLAIN
        for by, width, alpha in (("seeds", 4.0, 0.25), ("networks", 0.9, 0.7)):
            low_and_high = interval(statistic, of, name, DRAWS, by)
            panel.plot(low_and_high, [row, row], color=color, linewidth=width, alpha=alpha, solid_capstyle="butt")
        panel.plot(statistic(of, name, None), row, "o", color=color, markersize=3.5)


def _environments(panel: Axes, of: Networks, names: list[str]) -> None:
    for row, name in enumerate(names):
        found = errors(of, name).error
        panel.plot(found, numpy.full(len(found), row), ".", color=style.NOISE, markersize=2.5, alpha=0.4)
        if len(found):
            panel.plot(found.max(), row, "o", color=style.MEMORIZE, markersize=3.5)
    panel.axvline(0.5, color="black", linewidth=0.6)
    panel.set(xlabel="sign error of an environment", xlim=(-0.03, 1.03))


def note(table: pandas.DataFrame) -> list[str]:
    of = networks(table)
    asked = any(numpy.isfinite(worst(of, name)) for name in shown(of))
    told = [] if asked else ["(d) is empty: of no pair of settings can the gaps be told apart by so many test images"]
    return [
        *notes(of),
        f"bars: 95 % of {DRAWS} draws of networks, pale ones of whole seeds",
        f"{of.test_images} test images",
        *told,
    ]


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """The statistics of each measure, the greatest tau first."""
    of = networks(table)
    lines = [
        f"{name}: tau {tau(of, name):.2f}, Psi {granulated(of, name):.2f}, information {information(of, name):.3f}, "
        f"worst environment {worst(of, name):.2f}"
        for name in shown(of)
    ]
    return "\n".join([*notes(of), *lines])


EXPERIMENT = Experiment(draw, summary, losses=("train",), note=note)
