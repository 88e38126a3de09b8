"""Figure 1b: steps to fit against the fraction of corrupted labels.

On the left the steps to fit, as a multiple of those for true labels, the line at 1. On the right, within one run, how
right labels (solid) are learned before wrong ones (dashed).
"""

import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab.errors import Refusal
from rotelab.experiments.experiment import Experiment
from rotelab.figures import curves, networks, style
from rotelab.results.lines import Line, check_seeds, numbers, some, spread

FRACTION = "data.labels.fraction"
LEARNED_FIRST = 0.5
"""Of the fractions of a sweep the one nearest to this shows which labels are learned first."""


def line(network: str, fraction: float, split: str = "train", linestyle: str = "-", label: str = "") -> Line:
    of = networks.NETWORKS[network]
    name = f"{of.name}, {label or f'fraction {fraction:g}'}"
    return Line(name, {"network": network, FRACTION: fraction}, of.color, split, linestyle)


def fractions(table: pandas.DataFrame) -> list[float]:
    """In order. ValueError, with a sentence, where the sweep has but one, or not 0, to which the others are related."""
    found = numbers(table, FRACTION)
    if len(found) < 2 or found[0] != 0:
        raise Refusal(f"this figure needs runs of several {FRACTION}, among them 0")
    return found


def relative(table: pandas.DataFrame, network: str) -> pandas.DataFrame:
    """(seed, fraction, ratio, fitted): steps to fit over those of the same seed without corrupted labels.

    A run that did not fit, with ``fitted`` False, has the ratio of its end: it takes more. A seed whose labels without
    corruption were not fitted is missing.
    """
    base = networks.fits(table, line(network, 0.0)).set_index("seed")
    base = base[base.fitted & (base.step > 0)].step
    tables = []
    for fraction in fractions(table):
        at = networks.fits(table, line(network, fraction))
        at = at[at.seed.isin(base.index)]
        ratio = at.step / at.seed.map(base)
        tables.append(pandas.DataFrame({"seed": at.seed, "fraction": fraction, "ratio": ratio, "fitted": at.fitted}))
    return pandas.concat(tables, ignore_index=True)


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """The relative time over the fraction, and the accuracies on right and on corrupted labels over epochs.

    Raises Refusal, with a sentence, where the runs of a fraction are missing or fractions differ in their seeds.
    """
    shown, all_fractions = networks.found(table), fractions(table)
    for name in shown:
        check_seeds(table, [line(name, fraction) for fraction in all_fractions])
    figure, (times, first) = style.axes(2, width=10.0, height=4.4)
    for name in shown:
        _times(times, table, name)
    times.axhline(1, color="black", linewidth=0.6)
    times.set(xlabel="fraction of the train labels drawn at random", ylabel="steps to fit, relative to none")
    times.set(ylim=(0, None), xlim=(-0.05, 1.05), xticks=all_fractions)
    times.set_title(f"fitted: train accuracy {networks.FITTED}; hollow: the end of a run that did not", fontsize=7)
    style.legend_below(times, 3)
    _first(first, table, list(shown), all_fractions)
    return figure


def _times(panel: Axes, table: pandas.DataFrame, name: str) -> None:
    network, found = networks.NETWORKS[name], relative(table, name)
    if found.empty:
        panel.plot([], [], color=network.color, label=f"{network.name}: not fitted without corruption")
        return
    ends = found[~found.fitted]
    wide = found[found.fitted].rename(columns={"seed": "run", "ratio": "value"})
    style.seeds(panel, wide, "fraction", network.color, "-", network.name)
    panel.scatter(wide.fraction, wide.value, 10, network.color, marker=network.marker, alpha=0.6, linewidths=0)
    panel.scatter(ends.fraction, ends.ratio, 22, "none", marker=network.marker, edgecolors=network.color)
    for _, at in found.groupby("fraction"):
        if not at.fitted.all():
            above = (float(at.fraction.iloc[0]), float(at.ratio.max()))
            style.note(panel, f"{at.fitted.sum()} of {len(at)} fitted", above)


def _first(panel: Axes, table: pandas.DataFrame, names: list[str], all_fractions: list[float]) -> None:
    """Accuracy on the labels that were left right (solid) and on those that were made wrong (dashed)."""
    fraction = min(all_fractions[1:], key=lambda value: abs(value - LEARNED_FIRST))
    kinds = {"train_clean": ("-", "right labels"), "train_corrupted": ("--", "wrong labels")}
    lines = [line(name, fraction, split, *look) for name in names for split, look in kinds.items()]
    for of in lines:
        check_seeds(table, [of])
    curves.draw(panel, table, lines)
    panel.set(ylabel="accuracy on the labels trained on", ylim=(-0.02, 1.02))
    panel.set_title(f"of the train labels a fraction of {fraction:g} drawn at random", fontsize=7)
    style.legend_below(panel, len(names))


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Steps to fit, relative to none, of each network and fraction, least to greatest over the seeds."""
    texts = []
    for name, network in networks.found(table).items():
        base = networks.fits(table, line(name, 0.0))
        fitted = base[base.fitted].step
        when = f"fitted after {spread(fitted, 'd')} steps" if len(fitted) else "not fitted"
        parts = [f"{network.name}: {when} without corruption"]
        for fraction, at in relative(table, name).groupby("fraction"):
            there = at[at.fitted]
            ratio = f"{spread(there.ratio, '.2f')} times as many" if len(there) else "not fitted"
            parts += [f"fraction {fraction:g} {ratio}{some(len(there), len(at))}"] if fraction else []
        texts.append("; ".join(parts))
    return "\n".join(texts)


def note(table: pandas.DataFrame) -> list[str]:
    return [*style.seeds_note(table), "black: as many steps"]


EXPERIMENT = Experiment(draw, summary, note=note)
