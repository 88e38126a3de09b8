"""Functions of random networks: how often each comes, over its complexity.

A dot on the left is a function, or several that came equally often. On the right are the complexities of all that were
drawn, beside those of functions whose values are drawn by a coin.
"""

from collections import Counter
from typing import NamedTuple

import numpy
import pandas
from matplotlib.figure import Figure

from rotelab.errors import Refusal
from rotelab.exact import boolean_functions
from rotelab.experiments.experiment import Exact
from rotelab.figures import style

BITS, UNITS = 7, (40, 40)
KINDS = {"networks": "random networks", "coin": "values by a coin"}


class Scale(NamedTuple):
    """Networks, and as many functions by a coin."""

    networks: int


SCALES = {"smoke": Scale(300), "demo": Scale(100_000), "small": Scale(1_000_000), "paper": Scale(10_000_000)}
AT_ONCE = 10_000


def measure(scale: Scale, _images: str | None = None) -> pandas.DataFrame:
    """A row for each kind, times that a function was drawn, and complexity in bits: how many such functions there are,
    and the share that one of them has of what was drawn."""
    generator = numpy.random.default_rng(0)
    found: dict[str, Counter[bytes]] = {kind: Counter() for kind in KINDS}
    for start in range(0, scale.networks, AT_ONCE):
        count = min(AT_ONCE, scale.networks - start)
        found["networks"] += boolean_functions.counted(boolean_functions.networks(BITS, UNITS, count, generator))
        found["coin"] += boolean_functions.counted(generator.random((count, 2**BITS)) < 0.5)
    rows = [
        (kind, times, times / scale.networks, boolean_functions.complexity(boolean_functions.unpacked(function, BITS)))
        for kind, counts in found.items()
        for function, times in counts.items()
    ]
    columns = ["kind", "times", "frequency", "complexity"]
    table = pandas.DataFrame(rows, columns=columns)
    return table.assign(functions=1).groupby(columns, as_index=False).functions.sum()


def describe(scale: Scale) -> list[str]:
    return [
        f"{scale.networks:,} ReLU networks of hidden layers of {' and '.join(map(str, UNITS))} units",
        f"{BITS} bits, all {2**BITS} inputs",
        "complexity: words of Lempel and Ziv, both ways, times the logarithm of the length",
    ]


def draw(table: pandas.DataFrame) -> Figure:
    """Frequencies, and the distribution of complexities. Raises Refusal where a kind is missing."""
    if set(table.kind) != set(KINDS):
        raise Refusal("the figure needs functions of networks and by a coin")
    figure, (each, all_of_them) = style.axes(2)
    edges = numpy.arange(0, table.complexity.max() + 14, 7) - 3.5
    for (kind, words), color in zip(KINDS.items(), (style.PLAIN, style.NOISE), strict=True):
        of = table[table.kind == kind]
        each.plot(of.complexity, of.frequency, ".", color=color, markersize=3, label=words, rasterized=True)
        height, _ = numpy.histogram(of.complexity, edges, weights=of.frequency * of.functions)
        all_of_them.stairs(height, edges, color=color, fill=True, alpha=0.5)
    each.set(yscale="log", xlabel="complexity (bits)", ylabel="frequency of a function")
    all_of_them.set(xlabel="complexity (bits)", ylabel="share of what was drawn", ylim=(0, None))
    style.legend_below(each)
    return figure


def summary(table: pandas.DataFrame) -> str:
    """What was seen: mean complexities, and how often the most frequent function comes."""
    lines = []
    for kind, words in KINDS.items():
        of = table[table.kind == kind]
        mean = float((of.complexity * of.frequency * of.functions).sum())
        top = of.loc[of.frequency.idxmax()]
        lines.append(
            f"{words}: {of.functions.sum():,} functions, mean complexity {mean:.1f} bits; the most frequent one "
            f"has a share of {top.frequency:.2g} and a complexity of {top.complexity:.1f}"
        )
    return "\n".join(lines)


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary, images=False)
"""What weights at random stand for."""
