"""Figure 2c: sets of several sizes, images and noise, under Eq. (4) and Eq. (3).

By epoch on the left, by optimizer step on the right: a larger set has more steps in an epoch, so that the same runs
can be in opposite orders. Only what is seen in both panels is a statement about the size of the set, and only what the
lower row, Eq. (3), plain training, does not show is about memorizing: on noise it is all but the same run as Eq. (4).
"""

from dataclasses import replace
from itertools import product

import pandas
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from rotelab.errors import Refusal
from rotelab.experiments.experiment import Experiment
from rotelab.figures import curves, style
from rotelab.results.lines import Line, check_seeds, plain

SEA = LinearSegmentedColormap.from_list("sea", ["#00008b", "#0080d0", "#00b090", "#a0d840"])
"""From blue to green; matplotlib's own, winter, begins with blues that look alike."""
INPUTS = {"clean": ("images", SEA, "cifar"), "gaussian_blend": ("noise images", "copper", "noise")}
"""Name, colours, and the word for it in the names of the author's series."""
NAMES = ("2p5k", "5k", "10k", "20k")
"""The paper's four sizes in order: ours are laid beside them in order, whatever the scale."""


def lines(table: pandas.DataFrame) -> list[Line]:
    """One for each kind of inputs and size of the sweep. Raises Refusal where it has no sizes."""
    if "data.size" not in table:
        raise Refusal("Figure 2c needs runs of several data.size")
    sizes = sorted(table["data.size"].unique())
    return [
        Line(
            f"{size:,} {name}",
            {"objective": "threshold", "data/inputs": inputs, "data.size": size},
            color,
            recorded=f"conv_eq4_{word}_{NAMES[rank]}" if rank < len(NAMES) else None,
        )
        for inputs, (name, colours, word) in INPUTS.items()
        for rank, (size, color) in enumerate(zip(sizes, style.shades(len(sizes), colours), strict=True))
    ]


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Train accuracy over epochs and over optimizer steps."""
    shown = lines(table)
    controls = [replace(plain(line), label=line.label, linestyle="-") for line in shown]
    check_seeds(table, [*shown, *map(plain, shown)])
    figure, panels = style.axes(2, height=7.4, rows=2)
    for (row, name), (place, x) in product(((shown, "Eq. (4)"), (controls, "Eq. (3)")), enumerate(("epoch", "step"))):
        panel = panels[place + (2 if row is controls else 0)]
        curves.draw(panel, table, row, record, x)
        panel.set(ylabel=f"train accuracy under {name}", ylim=(0, 1))
        style.legend_below(panel)
    return figure


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    return curves.summary(table, [*lines(table), *map(plain, lines(table))], record)


EXPERIMENT = Experiment(draw, summary)
