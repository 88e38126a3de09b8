"""Theorem 1: how far parameters and inputs can be moved, Eq. (1) and Eq. (3).

A radius is how far parameters or inputs can be moved, in units of their own norm, before the mean loss changes by a
fixed amount: smaller is less stable; marks tell the median of random directions, the worst of them, and the direction
of the gradient. Compare objectives at the same train accuracy; the last panel asks whether both radii shrink
together.
"""

import math
from typing import Any, cast

import pandas
from matplotlib.figure import Figure
from scipy.stats import spearmanr

from rotelab.errors import Refusal
from rotelab.experiments.experiment import Experiment
from rotelab.experiments.gradient_splitting.fig1 import OBJECTIVES, kinds
from rotelab.figures import style
from rotelab.plurals import plural

STATISTICS = {"median": "median random direction", "worst": "worst random direction", "steepest": "along the gradient"}
METRICS = {
    f"{what}_radius_{statistic}": (what, statistic) for what in ("parameter", "input") for statistic in STATISTICS
}
MARKERS = {"median": "o", "worst": "v", "steepest": "s"}


def radii(table: pandas.DataFrame) -> pandas.DataFrame:
    """(objective, seed, level, statistic, parameter, input): the radii of each run at each level, of the first kind of
    split. ``level`` is the train accuracy rounded down to a tenth. Raises Refusal where none was measured."""
    table = table[table["data/split"] == kinds(table)[0]]
    at = table[(table.metric == "accuracy") & (table.split == "train")][["run", "epoch", "value"]]
    measured = table[table.metric.isin(METRICS)]
    if measured.empty:
        raise Refusal("this figure needs runs with measure=stability that reached one of its levels")
    named = pandas.DataFrame(measured.metric.map(METRICS).tolist(), measured.index, ["what", "statistic"])
    rows = pandas.concat([measured[["run", "objective", "seed", "epoch", "value"]], named], axis=1)
    wide = rows.pivot(index=["run", "objective", "seed", "epoch", "statistic"], columns="what", values="value")
    wide = wide.reset_index().merge(at.rename(columns={"value": "accuracy"}), on=["run", "epoch"])
    return wide.assign(level=(wide.accuracy * 10 + 1e-9).astype(int) / 10).drop(columns="run")


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Radii over train accuracy, of parameters and of inputs, and the one over the other."""
    found = radii(table)
    if missing := set(OBJECTIVES) - set(found.objective):
        raise Refusal(f"this figure needs radii of objective={missing.pop()}, and there are none")
    figure, (parameters, inputs, both) = style.axes(3, width=12.0, height=4.0)
    for objective, (name, color) in OBJECTIVES.items():
        for statistic, words in STATISTICS.items():
            points = found[(found.objective == objective) & (found.statistic == statistic)]
            mean = points.groupby("level")[["accuracy", "parameter", "input"]].mean()
            look: dict[str, Any] = {"color": color, "marker": MARKERS[statistic]}
            for panel, what in ((parameters, "parameter"), (inputs, "input")):
                panel.scatter(points.accuracy, points[what], s=8, alpha=0.5, linewidths=0, **look)
                panel.plot(mean.accuracy, mean[what], markersize=4, label=f"{name}, {words}", **look)
            both.scatter(points.parameter, points.input, s=14, alpha=0.7, linewidths=0, **look)
    for panel, what in ((parameters, "parameters"), (inputs, "inputs")):
        panel.set(xlabel="train accuracy", yscale="log", ylabel=f"radius of {what} / their own norm")
        style.legend_below(panel, 1)
    both.set(
        xscale="log",
        yscale="log",
        xlabel="radius of parameters / their own norm",
        ylabel="radius of inputs / their own norm",
    )
    return figure


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    found = radii(table)
    texts = []
    for kind, points in found.groupby(["statistic", "level"]):
        statistic, level = cast(tuple[str, float], kind)
        mean = points.groupby("objective")[["parameter", "input"]].mean()
        if set(OBJECTIVES) <= set(mean.index):
            ratio = mean.loc["split"] / mean.loc["standard"]
            texts.append(
                f"train accuracy {level}, {STATISTICS[statistic]}: memorizing over plain radius "
                f"{ratio.parameter:.2f} of parameters, {ratio.input:.2f} of inputs"
            )
    for statistic, points in found.groupby("statistic"):
        rank = spearmanr(points.parameter, points.input).statistic
        ranks = {f"over {plural(len(points), 'network')}": rank, "within objective and level": within(points)}
        if known := [f"{value:.2f} {where}" for where, value in ranks.items() if not math.isnan(value)]:
            texts.append(f"{STATISTICS[str(statistic)]}: rank correlation of the two radii {', '.join(known)}")
    return "\n".join(texts)


def within(points: pandas.DataFrame) -> float:
    """The correlation of the ranks that the two radii have among the networks of their objective and level, -1 to 1:
    unlike that over all networks, it does not rise where both radii change with the train accuracy or the objective.
    nan where no two networks are alike in these."""
    groups = points.groupby(["objective", "level"])
    ranks = [groups[what].rank() - (groups[what].transform("size") + 1) / 2 for what in ("parameter", "input")]
    return float(ranks[0].corr(ranks[1]))


EXPERIMENT = Experiment(draw, summary)
