"""A homogeneous network of two layers: its normalized margin over steps.

Thick lines are means over seeds, thin ones each seed: on the left of the least y f(x) over |weights|^2, on the right of
the loss. Crosses on the left are where all points are fitted: what the margin does beyond them no error shows.
"""

from typing import NamedTuple

import numpy
import pandas
from matplotlib.figure import Figure

from rotelab.exact import homogeneous
from rotelab.experiments.experiment import Exact
from rotelab.experiments.max_margin.direction import moments
from rotelab.figures import style
from rotelab.results.lines import check_every

POINTS, DIMENSIONS, UNITS, STEP = 40, 10, 50, 0.2
LABELS = {"plane": "labels by a plane", "random": "random labels"}
SEEDS = (0, 1, 2)


class Scale(NamedTuple):
    """Steps."""

    steps: int


SCALES = {"smoke": Scale(100), "demo": Scale(10_000), "small": Scale(100_000), "paper": Scale(1_000_000)}


def path(labels: str, seed: int, steps: int) -> list[homogeneous.Margin]:
    generator = numpy.random.default_rng(seed)
    points = generator.standard_normal((POINTS, DIMENSIONS))
    start = homogeneous.initial(UNITS, DIMENSIONS, generator)
    signs = numpy.sign(points[:, 0]) if labels == "plane" else generator.choice([-1.0, 1.0], POINTS)
    return homogeneous.descent(points, signs, start, moments(steps), STEP)


def measure(scale: Scale, _images: str | None = None) -> pandas.DataFrame:
    """A row for each kind of labels, seed and moment."""
    rows = [
        {"labels": labels, "seed": seed, **seen._asdict()}
        for labels in LABELS
        for seed in SEEDS
        for seen in path(labels, seed, scale.steps)
    ]
    return pandas.DataFrame(rows)


def describe(scale: Scale) -> list[str]:
    return [
        f"{POINTS} normal points in {DIMENSIONS} dimensions",
        *(f"{UNITS} ReLUs, no biases", "mean logistic loss", f"{scale.steps:,} steps of {STEP:g}, {len(SEEDS)} seeds"),
        *("crosses: where all points are fitted", "dotted: a margin of 0"),
    ]


def fitted(table: pandas.DataFrame) -> pandas.DataFrame:
    """Of each kind of labels and seed the first row without a wrong point."""
    return table[table.error == 0].groupby(["labels", "seed"], as_index=False, sort=False).first()


def draw(table: pandas.DataFrame) -> Figure:
    """Margins and losses over steps. Raises Refusal where a seed is missing."""
    check_every(table, ["labels", "step"], "kind of labels and step")
    figure, (margins, losses) = style.axes(2)
    runs, fits = table.assign(run=table.seed), fitted(table)
    for (labels, words), color in zip(LABELS.items(), (style.PLAIN, style.MEMORIZE), strict=True):
        of, at = runs[runs.labels == labels], fits[fits.labels == labels]
        style.seeds(margins, of.assign(value=of.margin), "step", color, "-", words)
        style.seeds(losses, of.assign(value=of.loss), "step", color, "-", words)
        margins.plot(at.step, at.margin, "x", color=color, markersize=6)
    margins.axhline(0, color="black", linewidth=0.6, linestyle=":")
    margins.set(xscale="log", xlabel="steps", ylabel="normalized margin")
    losses.set(xscale="log", yscale="log", xlabel="steps", ylabel="loss")
    for panel in (margins, losses):
        style.legend_below(panel)
    return figure


def summary(table: pandas.DataFrame) -> str:
    """What was seen: the margins where all points are fitted, and at the end."""
    fits, last = fitted(table), table[table.step == table.step.max()]
    return "\n".join(
        f"{words}: normalized margin {fits[fits.labels == labels].margin.mean():.2g} at the fit, "
        f"{last[last.labels == labels].margin.mean():.2g} after {table.step.max():,} steps"
        for labels, words in LABELS.items()
    )


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary, images=False)
