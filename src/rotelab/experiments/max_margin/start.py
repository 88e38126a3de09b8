"""Descent on squares with more weights than points: where it ends.

Lines are the mean distance over seeds, thin ones each seed: on the left to the fit of least norm, on the right to that
which is nearest to the start. From 0 both are the same; from elsewhere what no point sees of the start stays.
"""

from typing import NamedTuple

import numpy
import pandas
from matplotlib.figure import Figure

from rotelab.exact import max_margin
from rotelab.experiments.experiment import Exact
from rotelab.experiments.max_margin.direction import moments
from rotelab.figures import style
from rotelab.results.lines import check_every

STARTS = {"zero": "from 0", "elsewhere": "from elsewhere"}
SEEDS = (0, 1, 2)


class Scale(NamedTuple):
    """Points and weights, and steps."""

    points: int
    weights: int
    steps: int


SCALES = {
    "smoke": Scale(5, 12, 300),
    "demo": Scale(20, 60, 10_000),
    "small": Scale(50, 200, 30_000),
    "paper": Scale(200, 800, 100_000),
}


def measure(scale: Scale, _images: str | None = None) -> pandas.DataFrame:
    """A row for each start, seed and moment: distances, over the norm of the fit of least norm."""
    rows = []
    for seed in SEEDS:
        generator = numpy.random.default_rng(seed)
        points = generator.standard_normal((scale.points, scale.weights))
        targets, other = generator.standard_normal(scale.points), generator.standard_normal(scale.weights)
        least = max_margin.nearest_fit(points, targets, 0 * other)
        size = numpy.linalg.norm(least)
        for name, start in (("zero", 0 * other), ("elsewhere", other * size / numpy.linalg.norm(other))):
            nearest, at = max_margin.nearest_fit(points, targets, start), moments(scale.steps)
            for step, w in zip(at, max_margin.squares_descent(points, targets, start, at), strict=True):
                distances = (float(numpy.linalg.norm(w - of) / size) for of in (least, nearest))
                rows.append((name, seed, step, *distances))
    return pandas.DataFrame(rows, columns=["start", "seed", "step", "to_least", "to_nearest"])


def describe(scale: Scale) -> list[str]:
    return [
        f"{scale.points} normal points, {scale.weights} weights",
        *("normal targets", "elsewhere: as far from 0 as the fit of least norm"),
        f"{scale.steps:,} steps of 1 over the curvature, {len(SEEDS)} seeds",
    ]


def draw(table: pandas.DataFrame) -> Figure:
    """Distances over steps. Raises Refusal where a seed is missing."""
    check_every(table, ["start", "step"], "start and step")
    figure, panels = style.axes(2)
    runs = table.assign(run=table.seed)
    for panel, column, words in zip(
        panels, ("to_least", "to_nearest"), ("to the fit of least norm", "to the fit nearest to the start"), strict=True
    ):
        for (name, label), color in zip(STARTS.items(), (style.PLAIN, style.MEMORIZE), strict=True):
            of = runs[runs.start == name]
            style.seeds(panel, of.assign(value=of[column].clip(lower=1e-16)), "step", color, "-", label)
        panel.set(xscale="log", yscale="log", xlabel="steps", title=words, ylim=(1e-16, 10))
        style.legend_below(panel)
    panels[0].set(ylabel="distance / least norm")
    return figure


def summary(table: pandas.DataFrame) -> str:
    """What was seen: the distances at the end."""
    last = table[table.step == table.step.max()].groupby("start")[["to_least", "to_nearest"]].mean()
    return "\n".join(
        f"{words}: {last.to_least[name]:.2g} from the fit of least norm, {last.to_nearest[name]:.2g} from the "
        "nearest to the start, in units of the least norm"
        for name, words in STARTS.items()
    )


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary, images=False)
