"""A linear example: errors on new points and on twins, and bounds.

The left panel adds dimensions of noise to 50 points: a bound of the gap that holds for all that descent may find is no
less than the error on twins minus that on new points. The right one adds points, and dimensions with them: norms grow,
and a bound by norm and margin stays where it is, above 1, the dotted line.
"""

from typing import NamedTuple

import numpy
import pandas
from matplotlib.figure import Figure

from rotelab.exact import opposite_twins
from rotelab.experiments.experiment import Exact
from rotelab.figures import style
from rotelab.results.lines import check_every

POINTS = 50
DIMENSIONS = (100, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)
"""On the left."""
PER_POINT = 500
"""Dimensions a point, on the right."""
SEEDS = (0, 1, 2)


class Scale(NamedTuple):
    """Numbers of points on the right, and draws a seed."""

    points: tuple[int, ...]
    draws: int


SCALES = {
    "smoke": Scale((10, 30), 2),
    "demo": Scale((10, 30, 100, 300), 5),
    "small": Scale((10, 30, 100, 300, 1000), 20),
    "paper": Scale((10, 30, 100, 300, 1000, 3000), 50),
}


def measure(scale: Scale, _images: str | None = None) -> pandas.DataFrame:
    """A row for each panel, number of points, dimensions and seed: the means of its draws."""
    rows = []
    settings = [("dimensions", POINTS, D) for D in DIMENSIONS] + [("points", m, m * PER_POINT) for m in scale.points]
    for more, m, D in settings:
        for seed in SEEDS:
            generator = numpy.random.default_rng([seed, m, D])
            draws = pandas.DataFrame([opposite_twins.draw(m, D, generator) for _ in range(scale.draws)])
            rows.append({"more": more, "m": m, "dimensions": D, "seed": seed, **draws.mean()})
    return pandas.DataFrame(rows)


def describe(scale: Scale) -> list[str]:
    return [
        "Nagarajan and Kolter's section 3: twins have the opposite noise",
        f"(a) {POINTS} points",
        f"(b) {PER_POINT} dimensions a point",
        f"{len(SEEDS)} seeds of {scale.draws} draws each: their means as points",
        "dotted: 1, above which a bound says nothing",
    ]


def draw(table: pandas.DataFrame) -> Figure:
    """Errors over dimensions, and norms over points. Raises Refusal where a seed is missing."""
    check_every(table, ["more", "m", "dimensions"], "number of points and dimensions")
    figure, (left, right) = style.axes(2)
    rows = table[table.more == "dimensions"]
    of = [round(D) for D in numpy.geomspace(rows.dimensions.min(), rows.dimensions.max(), 200)]
    left.plot(
        of, [opposite_twins.test_error(POINTS, D) for D in of], color=style.PLAIN, label="new points, closed form"
    )
    left.plot(rows.dimensions, rows.test, ".", color=style.PLAIN, label="new points, drawn")
    left.plot(rows.dimensions, rows.twins, "s", color=style.MEMORIZE, markersize=4, label="twins of the train points")
    left.plot(rows.dimensions, rows.train, "x", color=style.NOISE, markersize=4, label="train points")
    left.set(xscale="log", xlabel="dimensions of noise", ylabel="error", ylim=(-0.05, 1.05))
    rows = table[table.more == "points"]
    right.plot(rows.m, rows.bound, "^", color=style.MEMORIZE, markersize=4, label="bound by norm and margin")
    right.plot(rows.m, rows.norm, "v", color=style.BOTH, markersize=4, label="norm |w|")
    right.plot(rows.m, rows.test, ".", color=style.PLAIN, label="new points, drawn")
    right.axhline(1, color="black", linewidth=0.6, linestyle=":")
    right.set(xscale="log", yscale="log", xlabel="train points")
    for panel in (left, right):
        style.legend_below(panel)
    return figure


def summary(table: pandas.DataFrame) -> str:
    """What was seen: the errors at the fewest and at the most dimensions, norms at the fewest and the most points."""
    means = table.groupby(["more", "m", "dimensions"])[["train", "twins", "test", "norm", "bound"]].mean().reset_index()
    left, right = (means[means.more == more] for more in ("dimensions", "points"))
    lines = [
        f"{row.m} points, {row.dimensions:,} dimensions: error {row.train:.2f} on them, {row.twins:.2f} on twins, "
        f"{row.test:.2g} on new points"
        for row in (left.iloc[0], left.iloc[-1])
    ]
    lines += [
        f"{row.m} points, {row.dimensions:,} dimensions: norm {row['norm']:.3g}, its bound {row.bound:.3g}"
        for row in (right.iloc[0], right.iloc[-1])
    ]
    return "\n".join(lines)


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary, images=False)
