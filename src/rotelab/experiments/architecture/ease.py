"""Does what an architecture knows of images keep it from memorizing?

On the left the epochs to a train accuracy of .9, open of plain training, Eq. (3), full of gradient splitting, Eq. (1),
on images that are moved, and moved and permuted; in the middle how many times as many Eq. (1) takes; bars are geometric
means, and runs that did not come there have no dot. On the right the share of runs of Eq. (1) that died, with its 95 %
interval.
"""

import numpy
import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab.claims.shares import exact
from rotelab.experiments.architecture.networks import MOVED, MOVED_PERMUTED, NETWORKS, Arm, check, line
from rotelab.experiments.experiment import Experiment
from rotelab.figures import style
from rotelab.plurals import plural
from rotelab.results.lines import dead, finals, reached

LEVEL = 0.9
"""The train accuracy to which epochs are counted."""
KINDS = (MOVED, MOVED_PERMUTED)


def epochs(table: pandas.DataFrame, network: str, arm: Arm, objective: str) -> pandas.Series:
    """To the train accuracy, by seed; missing where it was never reached."""
    of = line(network, arm, objective, split="train")
    return reached(table, of, [LEVEL]).set_index("seed").epoch.reindex(finals(table, of).index).astype(float)


def ratios(table: pandas.DataFrame, network: str, arm: Arm) -> pandas.Series:
    """Epochs of Eq. (1) over those of Eq. (3), by seed; missing where one did not come there."""
    return epochs(table, network, arm, "split") / epochs(table, network, arm, "standard")


def died(table: pandas.DataFrame, network: str) -> pandas.Series:
    """1 for a dead run of Eq. (1), else 0, by seed and so many times as there are kinds of images."""
    return pandas.concat([dead(table, line(network, arm, "split", split="train")) for arm in KINDS])


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Raises Refusal where runs are missing."""
    check(table)
    figure, (long, times, deaths) = style.axes(3, width=11.0, height=3.8)
    for place, (network, (words, color)) in enumerate(NETWORKS.items()):
        beside = (place - 1.5) * 0.2
        for at, arm in enumerate(KINDS):
            for objective, fill, aside in (("standard", "none", -0.04), ("split", "full", 0.04)):
                _dots(long, at + beside + aside, epochs(table, network, arm, objective), color, fill)
            _dots(times, at + beside, ratios(table, network, arm), color, "full")
        times.plot([], [], "s", color=color, label=words)
        found = died(table, network)
        count, of = int(found.sum()), len(found)
        deaths.plot([place, place], exact(count, of - count), color=color)
        deaths.plot(place, count / of, "o", color=color, markersize=5)
    for words, fill in (("plain training, Eq. (3)", "none"), ("gradient splitting, Eq. (1)", "full")):
        times.plot([], [], "o", color="black", fillstyle=fill, markersize=4, label=words)
    for panel, words in ((long, f"epochs to a train accuracy of {LEVEL}"), (times, "epochs of Eq. (1) over Eq. (3)")):
        panel.set(yscale="log", ylabel=words, xlabel="train and test images", xlim=(-0.5, 1.5))
        panel.set_xticks(range(len(KINDS)), [arm.words for arm in KINDS])
    times.axhline(1, color="black", linewidth=0.8, linestyle=":")
    deaths.set(ylabel="dead runs of Eq. (1)", ylim=(-0.02, 1.02), xticks=[], xlim=(-0.5, 3.5))
    style.legend_below(times, columns=3)
    return figure


def _dots(panel: Axes, at: float, found: pandas.Series, color: str, fill: str) -> None:
    came = found.dropna()
    panel.plot([at] * len(came), came, "o", color=color, fillstyle=fill, markersize=3, alpha=0.6)
    if len(came):
        mean = float(numpy.exp(numpy.log(came).mean()))
        panel.plot(at, mean, "_", color=color, markersize=9, markeredgewidth=2)


def note(table: pandas.DataFrame) -> list[str]:
    return [
        f"{plural(table.seed.nunique(), 'seed')}, each of other images and weights",
        "bars in (a) and (b): geometric means",
        "dotted: as many epochs",
        "bars in (c): 95 % intervals of a share (Clopper and Pearson), both kinds of images together",
    ]


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Of each network and kind of image its epochs, their ratio, held-out accuracies and deaths."""
    check(table)
    texts = []
    for network, (words, _) in NETWORKS.items():
        told = []
        for arm in KINDS:
            parts = []
            for objective in ("standard", "split"):
                came = (found := epochs(table, network, arm, objective)).dropna()
                when = f"{came.min():.0f} to {came.max():.0f} epochs" if len(came) else "never"
                held = finals(table, line(network, arm, objective)).mean()
                parts.append(f"{objective} {when} ({len(came)} of {len(found)} seeds), held out {held:.3f}")
            times = ratios(table, network, arm).dropna()
            if len(times):
                parts.append(f"{times.min():.2g} to {times.max():.2g} times as many")
            told.append(f"{arm.words}: {'; '.join(parts)}")
        found = died(table, network)
        texts.append(f"{words}: {'. '.join(told)}. {int(found.sum())} of {len(found)} dead")
    return "\n".join(texts)


EXPERIMENT = Experiment(draw, summary, note=note)
