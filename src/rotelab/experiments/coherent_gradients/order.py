"""Which examples are learned first, and do their gradients agree more?

In the first three panels solid are examples with right labels, dashed those with wrong ones, in the same runs: if
examples that agree are learned first, solid is above dashed. The last panel is the probability that an example that
is learned next agreed more than one that is not, above a half if agreement tells; there solid are runs with right
labels alone, dashed those with half of them wrong.
"""

import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab.experiments.experiment import Experiment
from rotelab.figures import curves, networks, style
from rotelab.results.lines import Line, check_seeds, rows, spread

FRACTION = "data.labels.fraction"
KINDS = {"train_clean": ("-", "right labels"), "train_corrupted": ("--", "wrong labels")}
FRACTIONS = {0.0: ("-", "all labels right"), 0.5: ("--", "half of them wrong")}


def line(network: str, fraction: float, split: str, metric: str, linestyle: str = "-", label: str = "") -> Line:
    of = networks.NETWORKS[network]
    name = f"{of.name}, {label or split}"
    return Line(name, {"network": network, FRACTION: fraction}, of.color, split, linestyle, metric=metric)


def told_apart(table: pandas.DataFrame, network: str, fraction: float) -> pandas.Series:
    """By seed: the mean over all measurements of the probability that an example learned next agreed more."""
    return rows(table, line(network, fraction, "learned", "agreement_told_apart")).groupby("seed").value.mean()


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """With half of the labels wrong, over epochs, of examples with right and with wrong ones: accuracy, share of the
    step, agreement; and whether agreement tells what is learned next.

    Raises Refusal, with a sentence, where runs are missing or differ in their seeds.
    """
    shown = networks.found(table)
    figure, (first, share, agreement, apart) = style.axes(4, width=13.0, height=4.2)
    panels = {
        "accuracy": (first, "accuracy on the labels trained on"),
        "coherence_share": (share, "share of the step"),
        "agreement": (agreement, "mean cosine with the others' gradients"),
    }
    for metric, (panel, name) in panels.items():
        lines = [line(of, 0.5, split, metric, *look) for of in shown for split, look in KINDS.items()]
        _draw(panel, table, lines, name)
    lines = [
        line(of, fraction, "learned", "agreement_told_apart", *look)
        for of in shown
        for fraction, look in FRACTIONS.items()
    ]
    _draw(apart, table, lines, "P(agreed more, if learned next)")
    apart.axhline(0.5, color="black", linewidth=0.6)
    share.axhline(0.5, color="black", linewidth=0.6)
    agreement.axhline(0, color="black", linewidth=0.6)
    return figure


def _draw(panel: Axes, table: pandas.DataFrame, lines: list[Line], name: str) -> None:
    check_seeds(table, lines)
    curves.draw(panel, table, lines)
    panel.set_xscale("symlog", linthresh=1)
    panel.set_ylabel(name)
    style.legend_below(panel, 1)


def note(table: pandas.DataFrame) -> list[str]:
    return [
        *style.seeds_note(table),
        "(a) to (c): half of the train labels wrong",
        "black: (b) equal shares, (c) no agreement, (d) a coin",
    ]


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """How well agreement tells what is learned next, least to greatest over the seeds."""
    texts = []
    for name, network in networks.found(table).items():
        for fraction, (_, label) in FRACTIONS.items():
            found = told_apart(table, name, fraction)
            shown = spread(found, ".3f") if len(found) else "never measured"
            texts.append(f"{network.name}, {label}: told apart {shown}")
    return "\n".join(texts)


EXPERIMENT = Experiment(draw, summary, note=note)
