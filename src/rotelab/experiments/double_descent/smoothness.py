"""Smoothness by width: slopes at images, bounds of the Lipschitz constant.

On the left the mean spectral norm of the input Jacobian at train images with right and with wrong labels and at
held-out images; the dotted line is the interpolation threshold. On the right bounds of the Lipschitz constant from
below and above, the mean variation on lines between images, and grey the law of robustness, a shape in the number of
parameters without its constant.
"""

import pandas
from matplotlib.figure import Figure

from rotelab.errors import Refusal
from rotelab.experiments.double_descent.networks import errors, peak, threshold
from rotelab.experiments.double_descent.samples import note
from rotelab.experiments.experiment import Experiment
from rotelab.figures import style
from rotelab.results.lines import spread

SLOPES = {
    "jacobian_norm/train_clean": ("train, right labels", style.PLAIN),
    "jacobian_norm/train_corrupted": ("train, wrong labels", style.MEMORIZE),
    "jacobian_norm/held_out": ("held out", style.BOTH),
}
BOUNDS = {
    "lipschitz_upper/train": ("upper bound", "#CC79A7"),
    "lipschitz_lower/train": ("lower bound", style.MEMORIZE),
    "greatest_jacobian_norm/train": ("greatest slope at a train image", "#56B4E9"),
    "line_variation/train": ("variation between images", style.BOTH),
    "law_of_robustness/train": ("law of robustness", style.NOISE),
}
MEAN = "jacobian_norm/train"


def measured(table: pandas.DataFrame) -> pandas.DataFrame:
    """A row a network, with its width, seed, errors and all that was measured of its smoothness. Raises Refusal where
    nothing was."""
    found = errors(table)
    if found.wrong.nunique() > 1:
        raise Refusal("the figure needs runs of sweep=smoothness, of one share of wrong labels")
    last = table[table.epoch == table.groupby("run").epoch.transform("max")]
    named = last.assign(what=last.metric + "/" + last.split)
    wide = named[named.what.isin([*SLOPES, *BOUNDS, MEAN])].pivot(index="run", columns="what", values="value")
    if MEAN not in wide:
        raise Refusal("no run measured smoothness")
    return found.merge(wide.reset_index(), on="run")


def at_threshold(found: pandas.DataFrame) -> float | None:
    return threshold(found.groupby("width").train.mean())


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Slopes and bounds over the width. Raises Refusal where runs are missing."""
    found = measured(table)
    figure, panels = style.axes(2, width=9.5, height=3.9)
    for panel, shown in zip(panels, (SLOPES, BOUNDS), strict=True):
        for what, (label, color) in shown.items():
            if what in found:
                style.seeds(panel, found.assign(run=found.seed, value=found[what]), "width", color, "-", label)
        if (at := at_threshold(found)) is not None:
            panel.axvline(at, color="black", linewidth=0.9, linestyle=":")
        panel.set(xscale="log", yscale="log", xlabel="width")
        style.counted(panel)
        style.legend_below(panel, 2)
    panels[0].set_ylabel("mean norm of the Jacobian")
    panels[1].set_ylabel("outputs over inputs")
    return figure


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Of each quantity where it peaks, and what it is there and at the widest."""
    found = measured(table)
    at, widest = at_threshold(found), found.width.max()
    lines = ["no width interpolates" if at is None else f"interpolates from width {at:g} on"]
    for what in (MEAN, *SLOPES, *BOUNDS):
        if what in found:
            of = found.set_index("width")[what]
            place = peak(of.groupby("width").mean()).at
            lines.append(f"{what}: {spread(of[[place]], '.3g')} at its peak, width {place:g}; ")
            lines[-1] += f"{spread(of[[widest]], '.3g')} at width {widest:g}"
    return "\n".join(lines)


EXPERIMENT = Experiment(draw, summary, note=note)
