"""Descent on separable points: its direction against the greatest margin's.

Thick lines are means over seeds, thin ones each seed: on the left of the angle, on the right of the share that is still
missing of the greatest margin. Dashes fall like 1 / log t from where plain descent is after ten steps.
"""

from typing import NamedTuple

import numpy
import pandas
from matplotlib.figure import Figure

from rotelab.exact import max_margin
from rotelab.experiments.experiment import Exact
from rotelab.figures import style
from rotelab.results.lines import check_every

POINTS, DIMENSIONS, GAP = 40, 20, 0.3
SEEDS = (0, 1, 2)
DESCENTS = {"plain": "plain, logistic loss", "normalized": "normalized, exponential loss"}


class Scale(NamedTuple):
    """Steps."""

    steps: int


SCALES = {"smoke": Scale(300), "demo": Scale(30_000), "small": Scale(300_000), "paper": Scale(3_000_000)}


def moments(steps: int) -> list[int]:
    """From the first step on, six to a factor of ten."""
    spaced = {round(10 ** (power / 6)) for power in range(48)}
    return sorted({step for step in spaced if step < steps} | {steps})


def path(descent: str, seed: int, steps: int) -> list[max_margin.Path]:
    points, labels = max_margin.separable(POINTS, DIMENSIONS, GAP, numpy.random.default_rng(seed))
    return max_margin.descent(points, labels, moments(steps), descent == "normalized")


def measure(scale: Scale, _images: str | None = None) -> pandas.DataFrame:
    """A row for each way of descent, seed and moment."""
    rows = [
        {"descent": descent, "seed": seed, **seen._asdict()}
        for descent in DESCENTS
        for seed in SEEDS
        for seen in path(descent, seed, scale.steps)
    ]
    return pandas.DataFrame(rows)


def describe(scale: Scale) -> list[str]:
    return [
        f"{POINTS} normal points in {DIMENSIONS} dimensions, none nearer than {GAP:g} to a plane that separates them",
        *("from 0, no bias", "a step of 1 over the greatest curvature of the mean logistic loss"),
        f"{scale.steps:,} steps, {len(SEEDS)} seeds",
    ]


def draw(table: pandas.DataFrame) -> Figure:
    """Angles and margins over steps. Raises Refusal where a seed is missing."""
    check_every(table, ["descent", "step"], "descent and step")
    figure, (angles, margins) = style.axes(2)
    runs = table.assign(run=table.seed, missing=1 - table.margin)
    for (descent, words), color in zip(DESCENTS.items(), (style.PLAIN, style.MEMORIZE), strict=True):
        of = runs[runs.descent == descent]
        style.seeds(angles, of.assign(value=of.angle), "step", color, "-", words)
        style.seeds(margins, of.assign(value=of.missing), "step", color, "-", words)
    plain = runs[(runs.descent == "plain") & (runs.step >= 10)].groupby("step")[["angle", "missing"]].mean()
    logarithm = numpy.log(plain.index.to_numpy(dtype=float))
    for panel, of in ((angles, plain.angle), (margins, plain.missing)):
        panel.plot(plain.index, of.iloc[0] * logarithm[0] / logarithm, "--", color="0.4", label="like 1 / log t")
        panel.set(xscale="log", yscale="log", xlabel="steps t")
        style.legend_below(panel)
    angles.set(ylabel="angle, degrees")
    margins.set(ylabel="missing share of the margin")
    return figure


def summary(table: pandas.DataFrame) -> str:
    """What was seen: the angles and margins at the end."""
    last = table[table.step == table.step.max()].groupby("descent")[["angle", "margin", "norm"]].mean()
    return "\n".join(
        f"{words}: {last.angle[name]:.3g} degrees, {last.margin[name]:.2%} of the greatest margin, |w| "
        f"{last['norm'][name]:.4g} after {table.step.max():,} steps"
        for name, words in DESCENTS.items()
    )


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary, images=False)
