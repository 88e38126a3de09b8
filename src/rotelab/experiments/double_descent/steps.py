"""Least squares on features of two variances: the risk over steps of descent.

Lines are the limit of many points, thin ones the two groups of features alone, dots drawn data, a point a seed. On the
left all features have one rate and the two groups are at their best at different times, on the right each group has the
rate that brings it there at the same step.
"""

from typing import NamedTuple

import numpy
import pandas
from jaxtyping import Float64
from matplotlib.figure import Figure

from rotelab.exact import gradient_steps
from rotelab.exact.gradient_steps import Task, Vector
from rotelab.experiments.experiment import Exact
from rotelab.figures import style
from rotelab.results.lines import check_every

VARIANCES, SIGNALS = (1.0, 0.003), (1.0, 2.0)
"""Of the two groups, of as many features each: of each feature, and of all features of a group in the labels."""
NOISE_OVER_POINTS = 1.0
"""``s^2 / n`` times the features of a group: what the noise adds to the risk of each, at the end."""
PER_FEATURE = 40
"""Points."""
RATE, TOGETHER, LAST = 0.1, 100.0, 1e5
"""Of all features; the step at which both are at their best with rates of their own; the last step."""
WAYS = {"one": "one rate", "own": "a rate for each variance"}
SEEDS = (0, 1, 2)


class Scale(NamedTuple):
    """Features of a group, draws a seed, and steps that are looked at per factor of ten."""

    features: int
    draws: int
    looks: int


SCALES = {
    "smoke": Scale(5, 2, 3),
    "demo": Scale(25, 10, 5),
    "small": Scale(50, 40, 8),
    "paper": Scale(100, 100, 8),
}


def task(features: int) -> Task:
    """With so many features in a group."""
    variances = numpy.repeat(VARIANCES, features)
    signals = numpy.repeat(SIGNALS, features) / features
    points = PER_FEATURE * 2 * features
    return Task(
        variances, numpy.sqrt(signals / variances), points, float((NOISE_OVER_POINTS / features * points) ** 0.5)
    )


def rates(of: Task, way: str) -> Vector:
    return numpy.full(len(of.variances), RATE) if way == "one" else gradient_steps.together(of, TOGETHER)


def steps(per_decade: int) -> Float64[numpy.ndarray, " step"]:
    """From 1 to the last one, evenly on a logarithmic axis."""
    return numpy.unique(numpy.logspace(0, numpy.log10(LAST), round(numpy.log10(LAST) * per_decade) + 1).round())


def measure(scale: Scale, _images: str | None = None) -> pandas.DataFrame:
    """A row for each way, seed and step: the mean excess risk of its draws."""
    of, at, tables = task(scale.features), steps(scale.looks), []
    for way in WAYS:
        for seed in SEEDS:
            generator = numpy.random.default_rng(seed)
            risks = [gradient_steps.drawn(of, rates(of, way), at, generator) for _ in range(scale.draws)]
            mean = numpy.mean(risks, axis=0)
            tables.append(
                pandas.DataFrame({"way": way, "seed": seed, "features": scale.features, "step": at, "risk": mean})
            )
    return pandas.concat(tables, ignore_index=True)


def describe(scale: Scale) -> list[str]:
    of = task(scale.features)
    return [
        *(
            f"{scale.features} features of variance {v:g}, signal {s:g}"
            for v, s in zip(VARIANCES, SIGNALS, strict=True)
        ),
        f"{of.points:,} points, noise s = {of.noise:.3g}",
        f"(a): rate {RATE:g}; (b): both groups at their best after {TOGETHER:g} steps",
        f"{len(SEEDS)} seeds of {scale.draws} draws each: their means as points",
    ]


def minima(way: str, features: int) -> list[float]:
    """The steps at which the limit is less than before and after."""
    at, of = steps(100), task(features)
    risk = gradient_steps.limit(of, rates(of, way), at)
    inside = (risk[1:-1] < risk[:-2]) & (risk[1:-1] < risk[2:])
    return [*at[1:-1][inside]]


def draw(table: pandas.DataFrame) -> Figure:
    """Raises Refusal where a seed is missing."""
    check_every(table, ["way", "step"], "way and step")
    figure, panels = style.axes(2)
    of, at = task(int(table.features.iloc[0])), steps(40)
    for panel, (way, words) in zip(panels, WAYS.items(), strict=True):
        rate = rates(of, way)
        panel.plot(at, gradient_steps.limit(of, rate, at), color=style.PLAIN, label="many points")
        for variance, color in zip(VARIANCES, (style.BOTH, style.NOISE), strict=True):
            part = of.variances == variance
            alone = of._replace(variances=of.variances[part], coefficients=of.coefficients[part])
            risk = gradient_steps.limit(alone, rate[part], at)
            panel.plot(at, risk, color=color, linewidth=0.8, label=f"features of variance {variance:g} alone")
        own = table[table.way == way]
        panel.plot(own.step, own.risk, ".", color=style.MEMORIZE, markersize=4, label="drawn, a point a seed")
        panel.axhline(
            gradient_steps.least(of), color="black", linewidth=0.8, linestyle=":", label="the least of all rates"
        )
        panel.set_title(words, fontsize=style.SMALL)
        panel.set(xscale="log", xlabel="steps", ylim=(0, None))
    panels[0].set(ylabel="excess risk")
    style.legend_below(panels[0])
    return figure


def summary(table: pandas.DataFrame) -> str:
    """Where each way has its minima, and the risk there."""
    of = task(int(table.features.iloc[0]))
    texts = []
    for way, words in WAYS.items():
        at = numpy.array(minima(way, len(of.variances) // 2))
        risks = gradient_steps.limit(of, rates(of, way), at)
        texts.append(f"{words}: {', '.join(f'{r:.3f} after {t:,.0f} steps' for t, r in zip(at, risks, strict=True))}")
    return "\n".join([*texts, f"the least of all rates: {gradient_steps.least(of):.3f}"])


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary, images=False)
