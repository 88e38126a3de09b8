"""When gradient splitting dies: dead runs by pairs, rate, width and precision.

Orange are pairs as the paper orders them, blue pairs of one class; bars are 95 % intervals of the share (Wilson). In
the last panel each dead run as ordered stands at the rank of the class that it ended with: 1 is the class of which
train has most more than pseudo-test, as the argument of constant outputs says.

Dead means more elsewhere: that the losses do not change any more, to which runs come later (docs/collapse.md).

Draws from the sweeps collapse, collapse_width and collapse_precision.
"""

from collections.abc import Mapping, Sequence
from math import e, log
from typing import Any

import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy.stats import binomtest

from rotelab.errors import Refusal
from rotelab.experiments.experiment import Experiment
from rotelab.figures import style
from rotelab.plurals import plural
from rotelab.results.lines import check_every

PAIRS, ORDER, RATE, WIDTH = "data.pairs", "data.batch_order", "optimizer.lr", "model.width"
KINDS = {"as_ordered": ("as ordered", style.MEMORIZE), "balanced": ("of one class", style.PLAIN)}
ORDERS = {"fixed": "-", "reshuffled": "--"}
PRECISIONS = ("fp32", "tf32", "bf16")
CLOSE = 0.005
"""Nats: the loss of a network that gives one class a probability of 0.98 or more is as near to the saturated one."""


def by(table: pandas.DataFrame, column: str, *others: str) -> pandas.DataFrame:
    """A row a run of the sweep that varies ``column``: ``dead``, and the ``rank`` of the class that it ended with.

    Dead is who predicts one class for all train images and is sure of it: cross-entropy then takes a one-hot output for
    logits, so that the loss is ln(classes - 1 + e) minus the share of images that are of this class. That comes before
    ``dead_since``, which waits until no bit of the losses changes. ValueError where the runs are none of the sweep's.
    """
    varied = [PAIRS, *others, column]
    if not {*varied} <= {*table}:
        raise Refusal(f"the figure needs runs that name {', '.join(varied)}")
    ends = table[(table.epoch == table.groupby("run").epoch.transform("max")) & (table.split == "train")]
    ends = ends[ends[column].notna()]
    check_every(ends, varied, column)
    found = ends.pivot(index=["seed", *varied, "class_count"], columns="metric", values="value").reset_index()
    saturated = (found.class_count - 1 + e).map(log) - found.accuracy
    sure = (found.winner_share == 1) & ((found.loss - saturated).abs() < CLOSE)
    return found.assign(dead=sure, rank=found.winner_rank.astype(int))


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Shares over rate, width and precision; ranks of the classes that won. ValueError where runs are missing."""
    figure, (rates, widths, precisions, ranks) = style.axes(4, width=13.0, height=3.6)
    by_rate, by_width, by_precision = by(table, RATE, ORDER), by(table, WIDTH), by(table, "precision")
    names = [name for name in PRECISIONS if name in {*by_precision.precision}]
    by_precision["place"] = by_precision.precision.map({name: place for place, name in enumerate(names)})
    for place, (pairs, (name, color)) in enumerate(KINDS.items()):
        label = f"pairs {name}, fixed"
        _shares(widths, _only(by_width, {PAIRS: pairs}), WIDTH, label, color, "-", 1 + 0.04 * place)
        _shares(precisions, _only(by_precision, {PAIRS: pairs}), "place", label, color, "-", 0.04 * place)
        for shift, (order, linestyle) in enumerate(ORDERS.items()):
            of = _only(by_rate, {PAIRS: pairs, ORDER: order})
            label = f"pairs {name}, {order}"
            _shares(rates, of, RATE, label, color, linestyle, 1 + 0.04 * (place + 2 * shift))
    for panel, x, found in ((rates, RATE, by_rate), (widths, WIDTH, by_width)):
        panel.set(xscale="log", xlabel={RATE: "learning rate", WIDTH: "width, over the paper's"}[x])
        panel.set_xticks(sorted(found[x].unique()), [f"{value:g}" for value in sorted(found[x].unique())])
        panel.minorticks_off()
    precisions.set(xlabel="precision", xlim=(-0.5, len(names) - 0.5))
    precisions.set_xticks(range(len(names)), names)
    rates.set_ylabel("share of dead runs")
    for panel in (rates, widths, precisions):
        panel.set_ylim(-0.02, 1.02)
        style.legend_below(panel)
    _ranks(ranks, table)
    return figure


def _only(found: pandas.DataFrame, where: Mapping[str, Any]) -> pandas.DataFrame:
    for column, value in where.items():
        found = found[found[column] == value]
    return found


def _shares(panel: Axes, found: pandas.DataFrame, x: str, label: str, color: str, linestyle: str, shift: float) -> None:
    """A point with its interval for each value of ``x``, hollow on dashed lines, moved by the ``shift`` so that points
    lie side by side: a factor where the axis is logarithmic, else added."""
    cells = found.groupby(x).dead
    places = [place + shift if x == "place" else place * shift for place in cells.groups]
    for place, (_, at) in zip(places, cells, strict=True):
        low, high = binomtest(int(at.sum()), len(at)).proportion_ci(method="wilson")
        panel.plot([place, place], [low, high], color=color, linewidth=0.8, alpha=0.7)
    (line,) = panel.plot(places, cells.mean(), color=color, linestyle=linestyle, marker="o", markersize=4, label=label)
    line.set_markerfacecolor(color if linestyle == "-" else "white")


def _ranks(panel: Axes, table: pandas.DataFrame) -> None:
    counts = ranks(table).value_counts().sort_index()
    panel.bar(counts.index, counts, color=style.MEMORIZE, width=0.6)
    panel.set(xlabel="rank of the winner's excess", ylabel="dead runs, pairs as ordered")
    panel.set_xlim(0.4, max([3, *counts.index.tolist()]) + 0.6)
    for axis in (panel.xaxis, panel.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))


def ranks(table: pandas.DataFrame) -> pandas.Series:
    """Of each dead run as ordered, that of the class it ended with."""
    found = by(table, RATE, ORDER)
    return found[found.dead & (found[PAIRS] == "as_ordered")]["rank"]


def note(table: pandas.DataFrame) -> Sequence[str]:
    return [
        f"{plural(table.seed.nunique(), 'seed')} a point",
        "dead: one class for all train images, with a probability of 0.98 or more",
        "bars: 95 % intervals of a share (Wilson)",
    ]


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """How many died, in each cell; and how often the class of the greatest excess had won."""
    texts = []
    for column, others in ((RATE, [ORDER]), (WIDTH, []), ("precision", [])):
        for cell, at in by(table, column, *others).groupby([PAIRS, *others, column]).dead:
            name = ", ".join(f"{value}" for value in cell[:-1])
            texts.append(f"{name}, {column} {cell[-1]}: {at.sum()} of {len(at)} dead")
    won = ranks(table)
    first = int((won == 1).sum())
    texts.append(f"of {len(won)} dead runs as ordered {first} ended with the class of the greatest excess")
    return "\n".join(texts)


SWEEPS = ("collapse", "collapse_width", "collapse_precision")
EXPERIMENT = Experiment(draw, summary, SWEEPS, losses=("train",), note=note)
