"""Which frequencies are learned first: by eigenvalue, and by a wide network.

Dots in the middle are a wide network's residuals, lines the closed form's, for some frequencies; on the right dots are
the steps to half of the residual, a point a seed. Without a bias the eigenvalues of odd frequencies above 1 are 0, and
are not drawn.
"""

from itertools import islice, product
from typing import NamedTuple

import numpy
import pandas
from matplotlib.figure import Figure

from rotelab.exact import infinite_width, lazy_network
from rotelab.experiments.experiment import Exact
from rotelab.figures import style
from rotelab.results.lines import check_every

POINTS, FREQUENCIES = 64, tuple(range(1, 7))
BIASES = {1.0: "with a bias", 0.0: "without"}
SHOWN = (1, 2, 4, 6)
ZERO = 1e-9
"""Eigenvalues below it, of 1 or so, are rounding."""


class Scale(NamedTuple):
    """Hidden units, steps, and seeds."""

    units: int
    steps: int
    seeds: int


SCALES = {
    "smoke": Scale(50, 80, 2),
    "demo": Scale(4000, 700, 3),
    "small": Scale(16_000, 700, 5),
    "paper": Scale(100_000, 700, 10),
}


def eigenvalues(bias: float) -> numpy.ndarray:
    """Of every frequency, on the points that are there."""
    return infinite_width.harmonics(1, bias, POINTS)


def rate(bias: float) -> float:
    """The step under which the greatest eigenvalue's residual is gone at once."""
    return float(1 / eigenvalues(bias).max())


def residuals(bias: float, frequency: int, units: int, steps: int, seed: int) -> numpy.ndarray:
    """What is left of 1 after 0, 1, ... ``steps`` steps, in a network of two layers that learns this cosine alone.

    Its output is scaled so that its tangent kernel is that of infinite width on average: by 2 / (d units)^(1/2).
    """
    points = infinite_width.circle(POINTS, bias)
    wave = numpy.cos(2 * numpy.pi * frequency * numpy.arange(POINTS) / POINTS)
    start = lazy_network.drawn(units, points.shape[1], (1.0, 1.0), numpy.random.default_rng([seed, units]))
    scale = 2 / (points.shape[1] * units) ** 0.5
    walk = lazy_network.descent(points, wave, start, scale, rate(bias) * scale**2)
    left = [1 - scale * (at(points) - start(points)) @ wave / (POINTS / 2) for at in islice(walk, steps)]
    return numpy.array([1.0, *left])


def halved(left: numpy.ndarray) -> float:
    """Steps until the residual is 1/2, between steps as if it fell like a power; NaN where it never is."""
    if left.min() > 0.5:
        return float("nan")
    step = int((left <= 0.5).argmax())
    before, then = left[step - 1], max(left[step], ZERO)
    return float(step - 1 + numpy.log(2 * before) / numpy.log(before / then))


def expected(bias: float, frequency: int) -> float:
    """The same in closed form, log 2 / -log(1 - rate l); infinite where the eigenvalue is 0."""
    value = rate(bias) * eigenvalues(bias)[frequency]
    return float(numpy.log(2) / -numpy.log1p(-value)) if value > ZERO else float("inf")


def measure(scale: Scale, _images: str | None = None) -> pandas.DataFrame:
    """A row for each bias, frequency, seed and step, of steps that are ever further apart, up to twice the expected."""
    tables = []
    for bias, frequency in product(BIASES, FREQUENCIES):
        value, half = eigenvalues(bias)[frequency], expected(bias, frequency)
        most = int(min(scale.steps, 10 + 2 * half))
        steps = numpy.unique(numpy.geomspace(1, most, 30).round().astype(int))
        for seed in range(scale.seeds):
            left = residuals(bias, frequency, scale.units, most, seed)
            own = pandas.DataFrame({"step": steps, "residual": left[steps]})
            own["closed_form"] = (1 - rate(bias) * value) ** steps
            found = {"eigenvalue": value, "half": halved(left), "half_closed_form": half}
            tables.append(own.assign(bias=bias, seed=seed, frequency=frequency, **found))
    return pandas.concat(tables, ignore_index=True)


def describe(scale: Scale) -> list[str]:
    return [
        f"{POINTS} points on the unit circle",
        f"target: cos(k t), of one k = 1, ..., {FREQUENCIES[-1]} at a time",
        f"{scale.units:,} ReLUs in one layer, as drawn, output minus its start",
        f"at most {scale.steps:,} steps of descent on squares, of 1 over the greatest eigenvalue",
        *(f"{scale.seeds} seeds (weights)", "(b), (c): lines by the eigenvalue, dots a network a seed"),
    ]


def draw(table: pandas.DataFrame) -> Figure:
    """Eigenvalues, residuals, and steps to a half. Raises Refusal where a seed is missing."""
    check_every(table, ["bias", "frequency", "step"], "bias, frequency and step")
    figure, (spectrum, residual, times) = style.axes(3)
    for (bias, words), color in zip(BIASES.items(), (style.PLAIN, style.MEMORIZE), strict=True):
        of = table[(table.bias == bias) & (table.eigenvalue > ZERO)]
        once = of.drop_duplicates("frequency")
        spectrum.plot(once.frequency, once.eigenvalue, "o-", color=color, markersize=3, label=words)
        each = of.drop_duplicates(["frequency", "seed"])
        times.plot(once.frequency, once.half_closed_form, color=color)
        times.plot(each.frequency, each.half, ".", color=color, markersize=5)
    for frequency, color in zip(SHOWN, style.shades(len(SHOWN)), strict=True):
        of = table[(table.bias == 1) & (table.frequency == frequency)]
        once = of.drop_duplicates("step")
        residual.plot(once.step, once.closed_form, color=color, label=f"k = {frequency}")
        residual.plot(of.step, of.residual, ".", color=color, markersize=2)
    spectrum.set(xscale="log", yscale="log", xlabel="frequency k", ylabel="eigenvalue")
    residual.set(xscale="log", xlabel="steps", ylabel="residual, with a bias", ylim=(-0.1, 1.1))
    times.set(xscale="log", yscale="log", xlabel="frequency k", ylabel="steps to half of it")
    for panel in (spectrum, times):
        style.counted(panel)
    for panel in (spectrum, residual):
        style.legend_below(panel)
    return figure


def summary(table: pandas.DataFrame) -> str:
    """What was seen: steps to a half of the lowest and the highest frequency, beside the closed form's."""
    lines = []
    for bias, words in BIASES.items():
        of = table[(table.bias == bias) & (table.eigenvalue > ZERO)]
        means = of.groupby("frequency")[["half", "half_closed_form"]].mean()
        told = (
            f"frequency {k} takes {row.half:.3g} steps to a half (closed form {row.half_closed_form:.3g})"
            for k, row in means.iterrows()
        )
        first, *_, last = told
        lines.append(f"{words}: {first}, {last}")
    never = table[table.eigenvalue <= ZERO]
    last = never[never.step == never.step.max()]
    lines.append(f"eigenvalue 0: {last.residual.min():.3f} or more is left after {never.step.max()} steps")
    return "\n".join(lines)


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary, images=False)
"""Descent learns along eigenvectors."""
