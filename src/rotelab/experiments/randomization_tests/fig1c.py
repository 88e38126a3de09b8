"""Figure 1c: test error against the fraction of corrupted labels.

A filled point is a network with a train accuracy of 0.99 or more, so that differences in height are differences in
generalization alone. A network that memorizes more and more wrong labels goes from the error of true labels, on the
left, towards that of a guess, the dotted line.
"""

from dataclasses import replace

import pandas
from matplotlib.figure import Figure

from rotelab.experiments.experiment import Experiment
from rotelab.experiments.randomization_tests.fig1b import fractions, line
from rotelab.figures import networks, style
from rotelab.results.lines import chance, check_seeds, last, some, spread


def errors(table: pandas.DataFrame, network: str) -> pandas.DataFrame:
    """(seed, fraction, error, fitted): the test error after the last epoch, and whether the train split was fitted."""
    tables = []
    for fraction in fractions(table):
        train = line(network, fraction)
        test = last(table, replace(train, split="held_out")).set_index("seed").value
        at = networks.fits(table, train)
        columns = {"seed": at.seed, "fraction": fraction, "error": 1 - at.seed.map(test), "fitted": at.fitted}
        tables.append(pandas.DataFrame(columns))
    return pandas.concat(tables, ignore_index=True)


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """The error over the fraction, a line for each network; runs that did not fit are hollow, and in no mean.

    Raises Refusal, with a sentence, where the runs of a fraction are missing or fractions differ in their seeds.
    """
    shown = networks.found(table)
    for name in shown:
        check_seeds(table, [line(name, fraction) for fraction in fractions(table)])
    figure, (panel,) = style.axes(1, width=6.0, height=4.4)
    for name, network in shown.items():
        found = errors(table, name)
        fitted = found[found.fitted].rename(columns={"seed": "run", "error": "value"})
        if not fitted.empty:
            style.seeds(panel, fitted, "fraction", network.color, "-", network.name)
        panel.scatter(fitted.fraction, fitted.value, 10, network.color, marker=network.marker, alpha=0.6, linewidths=0)
        ends = found[~found.fitted]
        label = None if len(fitted) else f"{network.name}: not fitted"
        panel.scatter(
            ends.fraction, ends.error, 22, "none", marker=network.marker, edgecolors=network.color, label=label
        )
    guess = chance(table)
    style.chance(panel, None if guess is None else 1 - guess)
    panel.set(xlabel="fraction of the train labels drawn at random", ylabel="test error after the last epoch")
    panel.set(ylim=(0, 1), xlim=(-0.05, 1.05), xticks=fractions(table))
    panel.set_title(f"hollow: train accuracy below {networks.FITTED}", fontsize=7)
    style.legend_below(panel)
    return figure


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """The last test error of each network and fraction, least to greatest over the seeds that fitted."""
    texts = []
    for name, network in networks.found(table).items():
        parts = []
        for fraction, at in errors(table, name).groupby("fraction"):
            there = at[at.fitted].error
            error = spread(there, ".3f") if len(there) else "not fitted"
            parts.append(f"{error} at fraction {fraction:g}{some(len(there), len(at))}")
        texts.append(f"{network.name}: test error {', '.join(parts)}")
    return "\n".join(texts)


EXPERIMENT = Experiment(draw, summary)
