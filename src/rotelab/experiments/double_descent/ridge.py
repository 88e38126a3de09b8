"""Ridge regression: the risk against p / n and n / p, by strength of the ridge.

Lines are closed forms, dots drawn data, a point a seed; on the left features grow and points stay as many, on the right
it is the other way round. The dotted line is where both are as many: a ridge that is too weak still has its peak there.
"""

from typing import NamedTuple

import numpy
import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab.exact import ridge
from rotelab.experiments.experiment import Exact
from rotelab.figures import style
from rotelab.results.lines import check_every

SIGNAL, NOISE = 1.0, 0.5
"""r and s."""
STRENGTHS = ("none", "0.01", "0.1", "best")
"""Of the ridge l; the best is s^2 g / r^2 for each g = p / n."""
NAMES = {"none": "no ridge", "0.01": "ridge 0.01", "0.1": "ridge 0.1", "best": "the best ridge"}
RATIOS = (0.1, 0.2, 0.5, 0.8, 0.9, 1.1, 1.25, 1.5, 2.0, 4.0, 8.0)
"""p / n on the left, n / p on the right."""
SEEDS = (0, 1, 2)


class Scale(NamedTuple):
    """What there is as much of throughout, points on the left and features on the right, and draws a seed."""

    size: int
    draws: int


SCALES = {"smoke": Scale(20, 3), "demo": Scale(100, 10), "small": Scale(200, 50), "paper": Scale(400, 100)}


def strength(name: str, g: float) -> float:
    """The ridge of that name at ``g`` = p / n."""
    if name == "best":
        return ridge.best(g, SIGNAL, NOISE)
    return 0.0 if name == "none" else float(name)


def measure(scale: Scale, _images: str | None = None) -> pandas.DataFrame:
    """A row for each panel, ratio, ridge and seed: the mean excess risk of its draws."""
    rows = []
    for more in ("features", "points"):
        for ratio in RATIOS:
            counts = (scale.size, round(ratio * scale.size))
            n, p = counts if more == "features" else counts[::-1]
            for name in STRENGTHS:
                for seed in SEEDS:
                    generator = numpy.random.default_rng([seed, n, p])
                    draws = range(scale.draws)
                    risks = [ridge.drawn(n, p, strength(name, p / n), SIGNAL, NOISE, generator) for _ in draws]
                    rows.append((more, n, p, ratio, name, seed, float(numpy.mean(risks))))
    return pandas.DataFrame(rows, columns=["more", "n", "p", "ratio", "ridge", "seed", "risk"])


def describe(scale: Scale) -> list[str]:
    return [
        f"{scale.size} points on the left and {scale.size} features on the right, independent and normal",
        *(f"signal r = {SIGNAL:g}", f"noise s = {NOISE:g}", "the best ridge: s^2 p / (n r^2)"),
        f"{len(SEEDS)} seeds of {scale.draws} draws each: their means as points",
        "dotted: p = n",
    ]


def draw(table: pandas.DataFrame) -> Figure:
    """The risk over p / n and over n / p. Raises Refusal where a seed is missing."""
    check_every(table, ["more", "ratio", "ridge"], "ratio and ridge")
    figure, (left, right) = style.axes(2)
    _risks(left, table[table.more == "features"], 1)
    _risks(right, table[table.more == "points"], -1)
    left.set(xlabel="p / n: features over points", ylabel="excess risk")
    right.set(xlabel="n / p: points over features")
    for panel in (left, right):
        style.legend_below(panel)
    return figure


def _risks(panel: Axes, table: pandas.DataFrame, power: int) -> None:
    """``power`` of the ratio is p / n."""
    for name, color in zip(STRENGTHS, (style.PLAIN, style.NOISE, style.BOTH, style.MEMORIZE), strict=True):
        ratios = numpy.geomspace(0.08, 10.0, 401)
        risks = [ridge.asymptotic(g, strength(name, g), SIGNAL, NOISE) for g in (ratios**power).tolist()]
        if name == "none":
            risks = numpy.where(abs(numpy.log(ratios)) > 0.015, risks, numpy.nan)  # no line through the pole
        panel.plot(ratios, risks, color=color, label=NAMES[name])
        rows = table[table.ridge == name]
        panel.plot(rows.ratio, rows.risk, ".", color=color, markersize=4)
    panel.axvline(1, color="black", linewidth=0.6, linestyle=":")
    panel.set(xscale="log", yscale="log")


def summary(table: pandas.DataFrame) -> str:
    """What was seen: of each ridge the risk nearest to the peak, and how far draws are from their closed form."""
    lines = []
    for name in STRENGTHS:
        means = table[(table.ridge == name) & (table.more == "features")].groupby("ratio").risk.mean()
        near = {g: ridge.asymptotic(g, strength(name, g), SIGNAL, NOISE) for g in (0.5, 1.1, 2.0)}
        told = ", ".join(f"{means[g]:.3g} at {g:g} (closed form {risk:.3g})" for g, risk in near.items())
        lines.append(f"{NAMES[name]}: excess risk {told}")
    return "\n".join(lines)


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary, images=False)
