"""Two spheres: errors of ReLU networks by points, and norms.

Lines are means over seeds, thin ones each seed: on the left errors on new points and on the train points moved to the
other sphere, on the right the distance from the start, spectral norms and a bound. What lies between the two errors
no bound can be below that holds for all that descent may find.
"""

from typing import NamedTuple

import numpy
import pandas
from matplotlib.figure import Figure

from rotelab.exact import two_spheres
from rotelab.experiments.experiment import Exact
from rotelab.figures import style
from rotelab.results.lines import check_every, spread

TEST = 4000
"""New points."""
BATCH = 64


class Scale(NamedTuple):
    """Dimensions, units a dimension, the margin, the learning rate, numbers of points, seeds, and epochs at most."""

    dimensions: tuple[int, ...]
    units: int
    margin: float
    rate: float
    points: tuple[int, ...]
    seeds: int
    epochs: int


SCALES = {
    "smoke": Scale((10, 20), 10, 2.0, 3.0, (64, 256), 2, 300),
    "demo": Scale((30, 100), 10, 4.0, 3.0, (128, 512, 2048, 8192), 5, 2000),
    "small": Scale((100, 500), 10, 4.0, 3.0, (128, 512, 2048, 8192, 32_768), 5, 2000),
    "paper": Scale((1000,), 100, 10.0, 0.1, (128, 512, 2048, 8192, 32_768), 5, 20_000),
}


class Found(NamedTuple):
    """Shares of points that are wrong, norms, and how training went."""

    train: float
    test: float
    moved: float
    distance: float
    spectral: float
    bound: float
    epochs: int
    fitted: bool


def trained(scale: Scale, dimensions: int, n: int, seed: int) -> Found:
    """Of a network from a start that a seed has for all n."""
    start = two_spheres.initial(scale.units * dimensions, dimensions, numpy.random.default_rng([seed, dimensions]))
    generator = numpy.random.default_rng([seed, dimensions, n])
    points, new = (two_spheres.drawn(count, dimensions, generator) for count in (n, TEST))
    found = two_spheres.fit(points, start, scale.rate, BATCH, scale.margin, scale.epochs, generator)
    network = found.network
    return Found(
        *(network.error(of) for of in (points, new, two_spheres.moved(points))),
        *(network.distance(start), network.spectral(), two_spheres.bound(network, start, points)),
        *(found.epochs, found.fitted),
    )


def measure(scale: Scale, _images: str | None = None) -> pandas.DataFrame:
    """A row for each number of dimensions and of points, and seed."""
    return pandas.DataFrame(
        {"dimensions": dimensions, "n": n, "seed": seed, **trained(scale, dimensions, n, seed)._asdict()}
        for dimensions in scale.dimensions
        for n in scale.points
        for seed in range(scale.seeds)
    )


def describe(scale: Scale) -> list[str]:
    inner, outer = two_spheres.RADII
    return [
        f"spheres of radius {inner:g} and {outer:g}",
        f"one hidden layer of {scale.units} ReLUs a dimension",
        f"SGD, rate {scale.rate:g}, batches of {BATCH}, until {two_spheres.ENOUGH:.0%} of points have a margin of "
        f"{scale.margin:g}",
        f"{TEST:,} new points",
        f"{scale.seeds} seeds (points, weights, order)",
    ]


def draw(table: pandas.DataFrame) -> Figure:
    """Errors and norms over points. Raises Refusal where a seed is missing."""
    check_every(table, ["dimensions", "n"], "number of dimensions and points")
    figure, (errors, norms) = style.axes(2)
    runs = table.assign(run=table.seed)
    for dimensions, linestyle in zip(sorted(table.dimensions.unique()), ("--", "-"), strict=False):
        of, words = runs[runs.dimensions == dimensions], f"{dimensions} dimensions"
        for panel, column, color, what in (
            (errors, "moved", style.MEMORIZE, "moved train points"),
            (errors, "test", style.PLAIN, "new points"),
            (norms, "bound", style.MEMORIZE, "bound, no constants"),
            (norms, "distance", style.PLAIN, "distance from the start"),
            (norms, "spectral", style.BOTH, "product of spectral norms"),
        ):
            style.seeds(panel, of.assign(value=of[column]), "n", color, linestyle, f"{what}, {words}")
    errors.set(xscale="log", xlabel="train points", ylabel="error", ylim=(-0.02, 1.05))
    norms.set(xscale="log", yscale="log", xlabel="train points")
    for panel in (errors, norms):
        style.legend_below(panel)
    return figure


def growth(of: pandas.DataFrame, column: str) -> pandas.Series:
    """The exponent of n, by least squares of logarithms: one a seed."""
    return pandas.Series(
        {seed: numpy.polyfit(numpy.log(rows.n), numpy.log(rows[column]), 1)[0] for seed, rows in of.groupby("seed")}
    )


def summary(table: pandas.DataFrame) -> str:
    """What was seen: of each number of dimensions errors by points, and the exponents of norms, least to greatest."""
    lines = []
    for dimensions, of in table.groupby("dimensions"):
        for n, rows in of.groupby("n"):
            lines.append(
                f"{dimensions} dimensions, {n:,} points: error {spread(rows.train, '.3f')} on them, "
                f"{spread(rows.test, '.3f')} on new ones, {spread(rows.moved, '.3f')} moved"
            )
        grown = ", ".join(
            f"{what} as n^({spread(growth(of, column), '.2f')})"
            for column, what in (("distance", "distance"), ("spectral", "spectral norms"), ("bound", "the bound"))
        )
        lines.append(f"{dimensions} dimensions: {grown}")
    lines.append(f"{int((~table.fitted).sum())} of {len(table)} networks did not reach the margin")
    return "\n".join(lines)


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary, images=False)
