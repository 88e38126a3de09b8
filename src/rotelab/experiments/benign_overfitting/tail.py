"""Noisy labels interpolated: the excess risk over a tail's mass and length.

The left map is drawn data, the right one what the bound's terms predict without their constants. On the white line the
drawn risk is a fifth of the noise, on the black one the predicted: below, tails are long and light, and harmless.
"""

from typing import NamedTuple

import numpy
import pandas
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from rotelab.exact import anisotropic
from rotelab.exact.spectrum import Spectrum, bias_term, k_star, variance_term
from rotelab.experiments.experiment import Exact
from rotelab.figures import style
from rotelab.results.lines import check_every

HEAD, NOISE = 5, 0.5
"""Variances of 1, which hold the signal r = 1 in as many parts, and s."""
B = numpy.full(HEAD, HEAD**-0.5)
FRONTIER = NOISE**2 / 5
"""The excess risk that is drawn as a line."""
MASSES, LENGTHS = (0.1, 1000.0), (1.2, 1000.0)
"""The tail's sum of variances, and its features over points: from, to."""
SEEDS = (0, 1, 2)


class Scale(NamedTuple):
    """Points, cells along each side, and draws a cell and seed."""

    points: int
    cells: int
    draws: int


SCALES = {"smoke": Scale(40, 5, 1), "demo": Scale(100, 17, 1), "small": Scale(200, 25, 4), "paper": Scale(400, 41, 10)}


def spectrum(mass: float, length: int) -> Spectrum:
    return Spectrum(numpy.ones(HEAD), mass / length, length)


def measure(scale: Scale, _images: str | None = None) -> pandas.DataFrame:
    """A row for each mass, length and seed whose tail is below the head: drawn and predicted excess risk."""
    rows, n = [], scale.points
    for mass in numpy.geomspace(*MASSES, scale.cells).tolist():
        for ratio in numpy.geomspace(*LENGTHS, scale.cells).tolist():
            of = spectrum(mass, round(ratio * n))
            if of.tail > 1:
                continue
            predicted = variance_term(of, n, NOISE) + bias_term(of, B, n)
            limit = anisotropic.equivalent(of, B, n, NOISE).excess
            for seed in SEEDS:
                generator = numpy.random.default_rng([seed, of.length])
                risks = [anisotropic.drawn(of, B, n, NOISE, generator).excess for _ in range(scale.draws)]
                row = (n, mass, of.length, seed, float(numpy.mean(risks)), limit, predicted, k_star(of, n))
                rows.append(row)
    return pandas.DataFrame(rows, columns=["n", "mass", "length", "seed", "risk", "limit", "predicted", "k_star"])


def describe(scale: Scale) -> list[str]:
    return [
        f"{scale.points} points of normal features",
        f"{HEAD} of variance 1, with all of the signal r = 1, and a tail of equal ones below that",
        f"noise s = {NOISE:g}",
        f"(a) the mean of {len(SEEDS)} seeds, draws of points a seed and cell: {scale.draws}",
        f"lines: a risk of {FRONTIER:g}, white drawn, black predicted",
    ]


def draw(table: pandas.DataFrame) -> Figure:
    """Both maps, with a scale of colours. Raises Refusal where a seed is missing."""
    check_every(table, ["mass", "length"], "tail")
    figure, panels = style.axes(2, height=3.9)
    norm = LogNorm(0.01, 2)
    for panel, column, words in zip(panels, ("risk", "predicted"), ("drawn", "predicted"), strict=True):
        wide = table.pivot_table(index="mass", columns="length", values=column)
        ratios = wide.columns.to_numpy() / table.n.iloc[0]
        shown = panel.pcolormesh(ratios, wide.index, wide.to_numpy(), norm=norm, cmap="viridis", shading="nearest")
        for of, color in (("risk", "white"), ("predicted", "black")):
            level = table.pivot_table(index="mass", columns="length", values=of).to_numpy()
            panel.contour(ratios, wide.index, level, [FRONTIER], colors=color, linewidths=1.2)
        panel.set(xscale="log", yscale="log", xlabel="length of the tail / n", title=words)
        panel.grid(False)
    panels[0].set(ylabel="mass of the tail: sum of variances")
    bar = figure.colorbar(shown, ax=panels, label="excess risk", extend="both")
    bar.ax.axhline(FRONTIER, color="white", linewidth=1.2)
    return figure


def summary(table: pandas.DataFrame) -> str:
    """What was seen: how many tails are benign, in how many the prediction says so, and how far it is from the risk."""
    cells = table.groupby(["mass", "length"])[["risk", "limit", "predicted"]].mean()
    benign, said = cells.risk < FRONTIER, cells.predicted < FRONTIER
    ratio = cells.risk / cells.predicted
    return (
        f"{benign.sum()} of {len(cells)} tails have an excess risk below {FRONTIER:g}; the bound's terms agree on "
        f"{(benign == said).mean():.1%} of all\n"
        f"risk over prediction: {ratio.min():.2g} to {ratio.max():.2g}; drawn risks are within "
        f"{(cells.risk / cells.limit - 1).abs().median():.1%} of many points' limit in half of the tails"
    )


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary, images=False)
