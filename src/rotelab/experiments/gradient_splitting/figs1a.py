"""Figure S1a: ResNet18 without softmax on sets of noise, under Eq. (4).

Train minus pseudo-test accuracy is what was memorized and does not carry over: 0 is none of it. By epoch on the left,
by optimizer step on the right, as larger sets have more steps in an epoch.
"""

import pandas
from matplotlib.figure import Figure

from rotelab.errors import Refusal
from rotelab.experiments.experiment import Experiment
from rotelab.experiments.gradient_splitting.fig2c import NAMES
from rotelab.figures import curves, style
from rotelab.results.lines import Line, check_seeds


def lines(table: pandas.DataFrame, noun: str = "noise images", series: str = "r18_noise") -> list[Line]:
    """One for each size of the sweep. Raises Refusal where it has no sizes."""
    if "data.size" not in table:
        raise Refusal("Figure S1 needs runs of several data.size")
    sizes = sorted(table["data.size"].unique())
    return [
        Line(
            f"{size:,} {noun}",
            {"data.size": size},
            color,
            "gap",
            recorded=f"{series}_{NAMES[rank]}" if rank < len(NAMES) else None,
        )
        for rank, (size, color) in enumerate(zip(sizes, style.shades(len(sizes)), strict=True))
    ]


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Train minus pseudo-test accuracy over epochs and over optimizer steps."""
    return panels(table, lines(table), record)


def panels(table: pandas.DataFrame, shown: list[Line], record: pandas.DataFrame | None) -> Figure:
    check_seeds(table, shown)
    figure, both = style.axes(2)
    for panel, x in zip(both, ("epoch", "step"), strict=True):
        curves.draw(panel, table, shown, record, x)
        panel.set(ylabel="train minus pseudo-test accuracy")
        style.legend_below(panel, 4)
    return figure


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    return curves.summary(table, lines(table), record)


EXPERIMENT = Experiment(draw, summary)
