"""Figure 2c: sets of several sizes, images and noise, learned under Eq. (4).

By epoch on the left, by optimizer step on the right: a larger set has more steps in an epoch, so that the same runs
can be in opposite orders. Only what is seen in both panels is a statement about the size of the set.
"""

import pandas
from matplotlib.figure import Figure

from rotelab.errors import Refusal
from rotelab.experiments.experiment import Experiment
from rotelab.figures import curves, style
from rotelab.results.lines import Line, check_seeds

INPUTS = {"clean": ("images", "winter", "cifar"), "gaussian_blend": ("noise images", "copper", "noise")}
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
            {"data/inputs": inputs, "data.size": size},
            color,
            recorded=f"conv_eq4_{word}_{NAMES[rank]}" if rank < len(NAMES) else None,
        )
        for inputs, (name, colours, word) in INPUTS.items()
        for rank, (size, color) in enumerate(zip(sizes, style.shades(len(sizes), colours), strict=True))
    ]


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Train accuracy over epochs and over optimizer steps."""
    shown = lines(table)
    check_seeds(table, shown)
    figure, panels = style.axes(2, height=4.2)
    for panel, x in zip(panels, ("epoch", "step"), strict=True):
        curves.draw(panel, table, shown, record, x)
        panel.set(ylabel="train accuracy", ylim=(0, 1))
        style.legend_below(panel)
    return figure


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    return curves.summary(table, lines(table), record)


EXPERIMENT = Experiment(draw, summary)
