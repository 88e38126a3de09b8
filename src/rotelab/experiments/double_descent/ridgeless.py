"""Ridgeless least squares: the risk of the least-norm solution against p / n.

Dots are drawn data, bars the exact mean at this n, the line the limit of many points. The risk grows without bound
where there are as many features as points, the dotted line, and falls again to its right: the second descent.
"""

from typing import NamedTuple

import numpy
import pandas
from matplotlib.figure import Figure

from rotelab.exact import ridgeless
from rotelab.experiments.experiment import Exact
from rotelab.figures import style
from rotelab.results.lines import check_every

SIGNAL, NOISE = 1.0, 0.5
"""r and s."""
RATIOS = (0.1, 0.2, 0.5, 0.8, 0.9, 1.1, 1.25, 1.5, 2.0, 3.0, 4.0, 8.0)
"""p / n, at which it is drawn."""
SEEDS = (0, 1, 2)


class Scale(NamedTuple):
    """Points, and draws of them a seed."""

    points: int
    draws: int


SCALES = {"smoke": Scale(20, 5), "demo": Scale(100, 20), "small": Scale(200, 50), "paper": Scale(400, 100)}


def measure(scale: Scale, _images: str | None = None) -> pandas.DataFrame:
    """A row for each p / n and seed: the mean excess risk of its draws, and what it is expected to be."""
    rows = []
    for ratio in RATIOS:
        n, p = scale.points, round(ratio * scale.points)
        for seed in SEEDS:
            generator = numpy.random.default_rng([seed, p])
            risks = [ridgeless.drawn(n, p, SIGNAL, NOISE, generator) for _ in range(scale.draws)]
            rows.append((n, p, ratio, seed, float(numpy.mean(risks)), ridgeless.expected(n, p, SIGNAL, NOISE)))
    return pandas.DataFrame(rows, columns=["n", "p", "ratio", "seed", "risk", "expected"])


def describe(scale: Scale) -> list[str]:
    return [
        f"{scale.points} points of independent normal features",
        *(f"signal r = {SIGNAL:g}", f"noise s = {NOISE:g}"),
        f"{len(SEEDS)} seeds of {scale.draws} draws each: their means as points",
        "dotted: p = n",
    ]


def draw(table: pandas.DataFrame) -> Figure:
    """The risk over p / n, both axes logarithmic. Raises Refusal where a seed is missing."""
    check_every(table, ["ratio"], "p / n")
    figure, (panel,) = style.axes(1, width=6.0)
    for side in ((0.08, 0.985), (1.015, 10.0)):  # no line through the pole
        ratios = numpy.geomspace(*side, 200)
        risks = [ridgeless.asymptotic(float(ratio), SIGNAL, NOISE) for ratio in ratios]
        label = "n, p to infinity, closed form" if side[0] < 1 else None
        panel.plot(ratios, risks, color=style.PLAIN, label=label)
    mean = table.groupby("ratio").expected.first()
    panel.plot(mean.index, mean, "_", color=style.NOISE, markersize=9, label="mean at this n, exact")
    panel.plot(table.ratio, table.risk, ".", color=style.MEMORIZE, markersize=5, label="drawn, a point a seed")
    panel.axvline(1, color="black", linewidth=0.6, linestyle=":")
    panel.axhline(SIGNAL**2, color="black", linewidth=0.6, label="of the estimate 0")
    panel.set(xscale="log", yscale="log", xlabel="p / n: features over points", ylabel="excess risk")
    style.legend_below(panel)
    return figure


def summary(table: pandas.DataFrame) -> str:
    """What was seen: the greatest risk, the least one beyond the peak, and how far draws are from their expectation."""
    risks = table.groupby("ratio").risk.mean()
    above = risks[risks.index > 1]
    off = (table.groupby("ratio").risk.mean() / table.groupby("ratio").expected.first() - 1).abs()
    return (
        f"greatest risk {risks.max():.3g} at p / n = {risks.idxmax():g}; beyond 1 the least is {above.min():.3g} at "
        f"{above.idxmin():g} (in closed form at {ridgeless.least(SIGNAL, NOISE):g})\n"
        f"the means of all draws are within {off.max():.1%} of what they are expected to be"
    )


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary, images=False)
