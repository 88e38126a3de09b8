"""Vapnik's bound beside the greatest gap, for classes that can be counted.

On the left lines are bounds that hold in 95 of 100 cases, dots the greatest gap of all functions of the class that 95
of 100 draws stay below, a dot a seed. On the right is the bound for linear classifiers, which says nothing above the
dotted line: a network's VC dimension is of the order of its weights at least, of which one is marked.
"""

import math
from typing import NamedTuple

import numpy
import pandas
from matplotlib.figure import Figure

from rotelab.exact import vapnik
from rotelab.experiments.experiment import Exact
from rotelab.figures import style
from rotelab.results.lines import check_every

NOISE, DELTA = 0.1, 0.05
"""The share of labels that are wrong, and the probability that a bound does not hold."""
BITS = 8
SEEDS = (0, 1, 2)
CLASSES = {"lines": "lines in the plane", "conjunctions": f"conjunctions of {BITS} bits"}
IMAGES = (1000, 10_000, 50_000)
"""On the right."""
CONVNET = 905_930
"""Weights of the five-layer network, see the claims of gradient splitting."""


class Scale(NamedTuple):
    """Numbers of points on the left, and draws a seed."""

    points: tuple[int, ...]
    draws: int


SCALES = {
    "smoke": Scale((30, 100), 10),
    "demo": Scale((30, 100, 300, 1000, 3000), 40),
    "small": Scale((30, 100, 300, 1000, 3000, 10_000), 100),
    "paper": Scale((30, 100, 300, 1000, 3000, 10_000), 1000),
}


def bound(of: str, n: int) -> float:
    """Of the class, for n points."""
    return vapnik.linear(2, n, DELTA) if of == "lines" else vapnik.finite(BITS * math.log(2), n, DELTA)


def gap(of: str, n: int, generator: numpy.random.Generator) -> float:
    """The greatest one of the class, for one draw of n points."""
    if of == "lines":
        return vapnik.greatest_gap_of_lines(n, NOISE, generator)
    return vapnik.greatest_gap_of_conjunctions(n, BITS, NOISE, generator)


def measure(scale: Scale, _images: str | None = None) -> pandas.DataFrame:
    """A row for each class, n and seed: the gap that 95 of 100 draws stay below, and the bound."""
    rows = []
    for of in CLASSES:
        for n in scale.points:
            for seed in SEEDS:
                generator = numpy.random.default_rng([seed, n])
                gaps = [gap(of, n, generator) for _ in range(scale.draws)]
                rows.append((of, n, seed, vapnik.quantile(gaps, DELTA), bound(of, n)))
    return pandas.DataFrame(rows, columns=["of", "n", "seed", "gap", "bound"])


def describe(scale: Scale) -> list[str]:
    return [
        f"{NOISE:.0%} of labels wrong",
        *(f"lines through 0, {2**BITS} conjunctions", f"bounds with probability {1 - DELTA:g}"),
        f"{len(SEEDS)} seeds of {scale.draws} draws each",
        f"(b) marked: the {CONVNET:,} weights of the five-layer network",
        "dotted: 1, above which a bound says nothing",
    ]


def draw(table: pandas.DataFrame) -> Figure:
    """Bounds and gaps over points, and the bound over dimensions. Raises Refusal where a seed is missing."""
    check_every(table, ["of", "n"], "class and number of points")
    figure, (left, right) = style.axes(2)
    for (of, words), color in zip(CLASSES.items(), (style.PLAIN, style.MEMORIZE), strict=True):
        rows = table[table.of == of]
        once = rows.drop_duplicates("n")
        left.plot(once.n, once.bound, color=color, label=f"{words}: bound")
        left.plot(rows.n, rows.gap, ".", color=color, label=f"{words}: greatest gap")
    left.set(xscale="log", yscale="log", xlabel="n: points", ylabel="train error against test error")
    dimensions = [round(d) for d in numpy.geomspace(2, 1.5e6, 80)]
    for n, color in zip(IMAGES, style.shades(len(IMAGES)), strict=True):
        right.plot(dimensions, [vapnik.linear(d, n, DELTA) for d in dimensions], color=color, label=f"bound, n = {n:,}")
    right.axhline(1, color="black", linewidth=0.6, linestyle=":")
    right.axvline(CONVNET, color="black", linewidth=0.6)
    right.set(xscale="log", yscale="log", xlabel="dimensions")
    for panel in (left, right):
        style.legend_below(panel)
    return figure


def informative(n: int) -> int:
    """The most dimensions for which the bound of linear classifiers is below 1, with n points."""
    least, most = 1, n
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (middle, most) if vapnik.linear(middle, n, DELTA) < 1 else (least, middle)
    return least


def summary(table: pandas.DataFrame) -> str:
    """What was seen: how many times the bound is of the gap, and up to how many dimensions it says something."""
    ratios = (table.bound / table.gap).groupby(table.of)
    lines = [f"{CLASSES[str(of)]}: the bound is {rows.min():.2g} to {rows.max():.2g} gaps" for of, rows in ratios]
    said = (f"{informative(n):,} dimensions with {n:,} points" for n in IMAGES)
    return "\n".join([*lines, f"the bound of linear classifiers says something up to {', '.join(said)}"])


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary, images=False)
