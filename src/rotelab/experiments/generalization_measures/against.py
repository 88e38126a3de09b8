"""The generalization gap of every network against six of the measures.

Every dot is a network, and the tau below a panel is 1 where a larger measure always means a larger gap. Colours are
shares of wrong labels: where they alone part the dots, a measure that tells them apart says nothing of two networks
with as many.
"""

import pandas
from matplotlib.figure import Figure

from rotelab.experiments.experiment import Experiment
from rotelab.experiments.generalization_measures.networks import networks, notes, tau
from rotelab.figures import style

MEASURES = ("params", "log_prod_of_spec", "path_norm", "pacbayes_mag_flatness", "adaptive_sharpness", "coherence_alpha")


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """A panel a measure. Raises Refusal where runs are missing."""
    of = networks(table)
    wrong = of.settings.get("wrong labels", pandas.Series(0.0, of.settings.index)).astype(float)
    names = [name for name in MEASURES if name in of.measures]
    figure, panels = style.axes(3, width=9.0, height=5.4, rows=2)
    for panel in panels[len(names) :]:
        panel.set_axis_off()
    for name, panel in zip(names, panels, strict=False):
        for share, color in zip(sorted(wrong.unique()), style.PALETTE, strict=False):
            at = (wrong == share).to_numpy()
            label = f"{share:.0%} wrong labels"
            panel.plot(of.measures[name][at], of.gap[at], "o", color=color, markersize=3, alpha=0.7, label=label)
        panel.set(xlabel=f"{name}, tau {tau(of, name):.2f}", ylabel="gap")
        if not name.startswith("log") and (of.measures[name] > 0).all():
            panel.set_xscale("log")
    style.legend_below(panels[0])
    return figure


def note(table: pandas.DataFrame) -> list[str]:
    return [*notes(networks(table)), "gap: train minus test accuracy"]


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """The gaps, least to greatest, of each share of wrong labels."""
    of = networks(table)
    return f"gap from {of.gap.min():.3f} to {of.gap.max():.3f}\n" + "\n".join(notes(of))


EXPERIMENT = Experiment(draw, summary, ("ranking",), losses=("train",), note=note)
