"""Does the epoch ratio of gradient splitting go with the gap?

On the left every dot is a network, trained plainly, by how many times its epochs gradient splitting takes to the same
train loss under the same settings. On the right Kendall's tau of that ratio, orange, and of other measures, which is 1
where a larger one always means a larger gap.

Bars are 95 % of draws of networks; the pale ones of draws of whole seeds.
"""

import pandas
from matplotlib.figure import Figure

from rotelab.errors import Refusal
from rotelab.experiments.experiment import Experiment
from rotelab.experiments.generalization_measures.networks import EPOCH_RATIO, Networks, networks, notes, shown, tau
from rotelab.experiments.generalization_measures.ranking import DRAWS, intervals
from rotelab.figures import style


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Gap against ratio, and the taus of all measures. Raises Refusal where runs are missing."""
    of = both(table)
    names = shown(of)
    figure, (gaps, taus) = style.axes(2, width=9.0, height=1.2 + 0.19 * len(names))
    layers = of.settings.get("layers", pandas.Series("all", of.settings.index))
    for name, color in zip(sorted(layers.unique()), style.PALETTE, strict=False):
        at = (layers == name).to_numpy()
        gaps.plot(of.measures[EPOCH_RATIO][at], of.gap[at], "o", color=color, markersize=3, alpha=0.7, label=name)
    gaps.set(xlabel="epochs of Eq. (1) over Eq. (3), to one train loss", ylabel="gap")
    intervals(taus, of, names, tau)
    taus.axvline(0, color="black", linewidth=0.6)
    taus.set(xlabel="Kendall's tau with the gap", ylim=(len(names) - 0.5, -0.5))
    taus.set_yticks(range(len(names)), names, fontsize=6.5)
    style.legend_below(gaps)
    return figure


def both(table: pandas.DataFrame) -> Networks:
    """Networks with a ratio. Raises Refusal where the table has no runs of Eq. (1)."""
    of = networks(table)
    if EPOCH_RATIO not in of.measures:
        raise Refusal("the figure needs runs of both objectives, Eq. (1) and Eq. (3): sweep=epoch_ratio")
    return of


def note(table: pandas.DataFrame) -> list[str]:
    return [
        *notes(both(table)),
        f"bars: 95 % of {DRAWS} draws of networks, pale ones of whole seeds",
        "gap: train minus test accuracy",
    ]


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """The ratios, and the tau of each measure, the greatest first."""
    of = both(table)
    ratio = of.measures[EPOCH_RATIO]
    lines = [
        f"epochs of Eq. (1) over Eq. (3) from {ratio.min():.1f} to {ratio.max():.1f}, gap from {of.gap.min():.3f} to "
        f"{of.gap.max():.3f}",
        *(f"{name}: tau {tau(of, name):.2f}" for name in shown(of)),
    ]
    return "\n".join([*notes(of), *lines])


EXPERIMENT = Experiment(draw, summary, losses=("train",), note=note)
