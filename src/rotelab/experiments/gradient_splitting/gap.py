"""Section 5: epochs of Eq. (1) over epochs of Eq. (3), on images and noise.

On the left the train accuracy of both objectives, images solid and noise dashed; on the right how many times as many
epochs Eq. (1) takes as Eq. (3) to the same train accuracy, at the line, 1, as many. Images far above noise would mean
that these images invite generalizing; a level that a seed did not reach has no point.
"""

import pandas
from matplotlib.figure import Figure

from rotelab.experiments.experiment import Experiment
from rotelab.experiments.gradient_splitting.fig1 import OBJECTIVES
from rotelab.figures import curves, style
from rotelab.plurals import plural
from rotelab.results import lines
from rotelab.results.lines import Line, check_seeds

INPUTS = {"clean": ("images", "-"), "gaussian_blend": ("noise", "--")}


def line(objective: str, inputs: str) -> Line:
    (name, color), (kind, linestyle) = OBJECTIVES[objective], INPUTS[inputs]
    where = {"objective": objective, "data/inputs": inputs}
    return Line(f"{kind}, {name}", where, color, linestyle=linestyle)


def ratios(table: pandas.DataFrame, inputs: str) -> pandas.DataFrame:
    """(seed, level) and, in each unit, Eq. (1) over Eq. (3) to each train accuracy that both reached."""
    plain, split = (line(objective, inputs) for objective in OBJECTIVES)
    return lines.ratios(table, plain, split)


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Train accuracy over epochs, and the ratio of epochs to each level."""
    shown = [line(objective, inputs) for inputs in INPUTS for objective in OBJECTIVES]
    check_seeds(table, shown)
    figure, (panel, levels) = style.axes(2, height=4.0)
    curves.draw(panel, table, shown)
    panel.set_xscale("symlog", linthresh=1)
    panel.set(ylabel="train accuracy", ylim=(0, 1.02), xlim=(0, None))
    style.legend_below(panel, 1)
    for inputs, (kind, linestyle) in INPUTS.items():
        found, color = ratios(table, inputs), {"clean": style.BOTH, "gaussian_blend": style.NOISE}[inputs]
        levels.scatter(found.level, found.epochs, s=10, color=color, alpha=0.5, linewidths=0)
        mean = found.groupby("level").epochs.mean()
        levels.plot(mean.index, mean, linestyle, marker="o", markersize=4, color=color, label=kind)
    levels.axhline(1, color="black", linewidth=0.6)
    levels.set(xlabel="train accuracy", ylabel="epochs of Eq. (1) over epochs of Eq. (3)")
    levels.set(yscale="log", xticks=lines.levels(table))
    style.legend_below(levels)
    return figure


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    texts = []
    for inputs, (kind, _) in INPUTS.items():
        for level, found in ratios(table, inputs).groupby("level"):
            texts.append(f"{kind}, train accuracy {level}: {lines.in_units(found)} ({plural(len(found), 'seed')})")
    return "\n".join(texts)


def note(table: pandas.DataFrame) -> list[str]:
    return [*style.seeds_note(table), "black: as many epochs"]


EXPERIMENT = Experiment(draw, summary, note=note)
