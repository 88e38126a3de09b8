"""Features left out: the risk against how many are seen, and its least.

Lines are exact means at this n, dots drawn data, a point a seed: on the left features are as good as one another, on
the right each is better than the next. The circle is the least risk of a line, and the dotted line where there are as
many features as points.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy
import pandas
from matplotlib.figure import Figure

from rotelab.exact import ridgeless
from rotelab.experiments.experiment import Exact
from rotelab.figures import style
from rotelab.results.lines import check_every

NOISE = 0.5
"""s; the whole signal is r = 1."""
SEEDS = (0, 1, 2)
RATIOS = (0.1, 0.2, 0.5, 0.8, 0.9, 1.1, 1.25, 1.5, 2.0, 3.0, 4.0)
"""p / n, at which it is drawn."""
UNSEEN: dict[str, Callable[[float], float]] = {
    "one of 4 n alike": lambda g: 1 - g / 4,
    "best first, a = 2": lambda g: (1 + g) ** -2,
    "best first, a = 5": lambda g: (1 + g) ** -5,
}
"""The square of the signal in features left out, by g = p / n: of features alike, and (1 + g)^-a."""
PANELS = (tuple(UNSEEN)[:1], tuple(UNSEEN)[1:])


class Scale(NamedTuple):
    """Points, and draws of them a seed."""

    points: int
    draws: int


SCALES = {"smoke": Scale(20, 3), "demo": Scale(100, 20), "small": Scale(200, 50), "paper": Scale(400, 100)}


def expected(features: str, n: int, p: int) -> float:
    """The mean excess risk, exactly."""
    unseen = UNSEEN[features](p / n)
    return ridgeless.misspecified(n, p, 1 - unseen, unseen, NOISE)


def drawn(features: str, n: int, p: int, generator: numpy.random.Generator) -> float:
    """Of one draw: what is left out is normal noise to those that are seen, for features are independent."""
    unseen = UNSEEN[features](p / n)
    return ridgeless.drawn(n, p, (1 - unseen) ** 0.5, (NOISE**2 + unseen) ** 0.5, generator) + unseen


def measure(scale: Scale, _images: str | None = None) -> pandas.DataFrame:
    """A row for each kind of features, p / n and seed: the mean excess risk of its draws, and its exact mean."""
    rows = []
    for features in UNSEEN:
        for ratio in RATIOS:
            n, p = scale.points, round(ratio * scale.points)
            for seed in SEEDS:
                generator = numpy.random.default_rng([seed, p])
                risks = [drawn(features, n, p, generator) for _ in range(scale.draws)]
                rows.append((features, n, p, ratio, seed, float(numpy.mean(risks)), expected(features, n, p)))
    return pandas.DataFrame(rows, columns=["features", "n", "p", "ratio", "seed", "risk", "expected"])


def describe(scale: Scale) -> list[str]:
    return [
        f"{scale.points} points of independent normal features",
        *("signal r = 1", f"noise s = {NOISE:g}"),
        "best first: (1 + p / n)^-a of the squared signal is left out",
        f"{len(SEEDS)} seeds of {scale.draws} draws each: their means as points",
        *("dotted: p = n", "circles: the least risk"),
    ]


def curve(features: str, n: int) -> pandas.Series:
    """The exact mean by p / n, up to 4; none near the pole."""
    counts = [p for p in range(max(1, n // 20), 4 * n + 1) if abs(p - n) > max(1, n // 50)]
    return pandas.Series({p / n: expected(features, n, p) for p in counts})


def draw(table: pandas.DataFrame) -> Figure:
    """The risk over p / n, a panel for features alike and one for others. Raises Refusal where a seed is missing."""
    check_every(table, ["features", "ratio"], "p / n")
    figure, panels = style.axes(2)
    colors = dict(zip(UNSEEN, (style.PLAIN, style.MEMORIZE, style.BOTH), strict=True))
    for panel, shown in zip(panels, PANELS, strict=True):
        for features in shown:
            exact = curve(features, int(table.n.iloc[0]))
            for side in (exact[exact.index < 1], exact[exact.index > 1]):
                label = features if side.index[0] < 1 else None
                panel.plot(side.index, side, color=colors[features], label=label)
            rows = table[table.features == features]
            panel.plot(rows.ratio, rows.risk, ".", color=colors[features], markersize=4)
            least = exact.nsmallest(1)
            panel.plot(least.index, least, "o", color=colors[features], fillstyle="none", markersize=9)
        panel.axvline(1, color="black", linewidth=0.6, linestyle=":")
        panel.axhline(1, color="0.5", linewidth=0.6, label="of the estimate 0")
        panel.set(xscale="log", yscale="log", xlabel="p / n: features over points")
        style.legend_below(panel)
    panels[0].set(ylabel="excess risk")
    return figure


def summary(table: pandas.DataFrame) -> str:
    """What was seen: of each kind of features the least risk below and beyond the peak."""
    lines = []
    for features in UNSEEN:
        exact = curve(features, int(table.n.iloc[0]))
        below, beyond = exact[exact.index < 1], exact[exact.index > 1]
        lines.append(
            f"{features}: least risk {below.min():.3g} at p / n = {below.idxmin():.2g} below the peak, "
            f"{beyond.min():.3g} at {beyond.idxmin():.2g} beyond"
        )
    off = (table.groupby(["features", "ratio"]).risk.mean() / table.groupby(["features", "ratio"]).expected.first()) - 1
    return "\n".join(
        [*lines, f"the means of all draws are within {off.abs().max():.1%} of what they are expected to be"]
    )


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary, images=False)
