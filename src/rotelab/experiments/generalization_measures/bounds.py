"""Bounds of the generalization gap against the gap itself: how vacuous is each?

A bound of 1 or more says nothing, for no gap is larger: that is the line. Those of norms hold up to constants, so that
their place says less than how they change.
"""

import numpy
import pandas
from matplotlib.figure import Figure

from rotelab.experiments.experiment import Experiment
from rotelab.experiments.generalization_measures.networks import Networks, networks, notes
from rotelab.figures import style

BOUNDS = {
    "params": "parameters, root of n / m",
    "pacbayes_orig": "PAC-Bayes, from 0",
    "pacbayes_init": "PAC-Bayes, from the start",
    "pacbayes_mag_init": "PAC-Bayes of magnitudes, from the start",
    "frobenius_bound": "Frobenius norms (Neyshabur 2015)",
    "spec_l_2_1_bound": "spectral norms (Bartlett 2017)",
    "spec_fro_bound": "spectral norms (Neyshabur 2018)",
}
ROOTS = ("params", "pacbayes_orig", "pacbayes_init", "pacbayes_mag_init")
"""Their bound is the root of the measure over the number of images."""


def bounds(of: Networks) -> pandas.DataFrame:
    """A row a network, a column a bound that all of them have."""
    found = of.measures[[name for name in BOUNDS if name in of.measures]]
    roots = [name for name in found if name in ROOTS]
    return found.assign(**{name: numpy.sqrt(found[name] / of.train_images) for name in roots})


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """A dot a network and bound. Raises Refusal where runs are missing."""
    of = networks(table)
    figure, (panel,) = style.axes(1, width=6.0, height=4.2)
    for (name, values), color in zip(bounds(of).items(), style.PALETTE, strict=False):
        panel.plot(of.gap, values, "o", color=color, markersize=2.5, alpha=0.6, label=BOUNDS[str(name)])
    panel.axhline(1, color="black", linewidth=0.6)
    panel.set(xlabel="gap: train minus test accuracy", ylabel="bound", yscale="log")
    style.legend_below(panel)
    return figure


def note(table: pandas.DataFrame) -> list[str]:
    return [*notes(networks(table)), "black: 1, above which a bound says nothing"]


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Each bound, least to greatest, beside the gap."""
    of = networks(table)
    lines = [f"{BOUNDS[str(name)]}: {values.min():.3g} to {values.max():.3g}" for name, values in bounds(of).items()]
    return "\n".join([f"gap {of.gap.min():.3f} to {of.gap.max():.3f}", *lines])


EXPERIMENT = Experiment(draw, summary, ("ranking",), losses=("train",), note=note)
