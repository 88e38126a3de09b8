"""Figure 3: m-coherence r on real and on random labels.

r counts the examples that a step along the gradient of one example helps: at the line, 1, an example helps itself
alone, and as many examples as there are would mean that all gradients are one. Above by epoch, below by train loss,
which falls to the right, so that real and random labels are compared where as much has been learned; solid is the
train split, dashed held-out images.
"""

from dataclasses import replace

import numpy as np
import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab.experiments.experiment import Experiment
from rotelab.figures import curves, networks, style
from rotelab.results.lines import Line, beside, check_seeds, rows, spread

LABELS = {"clean": ("real labels", style.PLAIN), "random": ("random labels", style.MEMORIZE)}
SPLITS = {"train": "-", "held_out": "--"}
WARM_UP = 25
"""Optimizer steps, at the start of which all outputs are alike and so are all gradients."""
FITTED = networks.FITTED
LOSSES = ("train",)


def line(network: str, labels: str, split: str = "train", metric: str = "coherence_r") -> Line:
    name, color = LABELS[labels]
    label = f"{name}, {split.replace('_', '-')}"
    return Line(label, {"network": network, "data/labels": labels}, color, split, SPLITS[split], metric=metric)


def during(table: pandas.DataFrame, of: Line) -> pandas.DataFrame:
    """Rows of ``of`` from after WARM_UP steps until the train accuracy was first FITTED.

    In a column ``lasts``: how many epochs it is until the next measurement, or until then.
    """
    accuracy = rows(table, replace(of, split="train", metric="accuracy"))
    fitted = accuracy[accuracy.value >= FITTED].groupby("run").epoch.min()
    found = rows(table, of).sort_values(["run", "epoch"])
    until = found.run.map(fitted).fillna(float("inf"))
    following = found.groupby("run").epoch.shift(-1).fillna(found.epoch + 1)
    found = found.assign(lasts=(np.minimum(following, until) - found.epoch).astype(int))
    return found[(found.step > WARM_UP) & (found.epoch < until)]


def medians(table: pandas.DataFrame, of: Line, by: str = "epochs") -> pandas.Series:
    """By seed: the median r ``during`` training, by ``epochs`` or by ``measurements``.

    By epochs a measurement counts for each epoch until the next one. By measurements each counts once: where they are
    log-spaced, the early epochs weigh more.
    """
    found = during(table, of)
    if by == "epochs":
        found = found.iloc[np.arange(len(found)).repeat(found.lasts)]
    return found.groupby("seed").value.median()


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Above r over epochs, below over the train loss, which falls to the right; a column for each network.

    Raises Refusal, with a sentence, where runs are missing or differ in their seeds.
    """
    shown = networks.found(table)
    figure, panels = style.axes(len(shown), width=1.5 + 3.0 * len(shown), height=6.6, rows=2)
    for name, above, below in zip(shown, panels[: len(shown)], panels[len(shown) :], strict=True):
        lines = [line(name, labels, split) for labels in LABELS for split in SPLITS]
        check_seeds(table, lines)
        curves.draw(above, table, lines)
        for of in lines:
            _over_loss(below, table, of)
        above.set_title(shown[name].name, fontsize=8)
        above.set_xscale("symlog", linthresh=1)
        below.set(xlabel="train loss (nats)", xscale="log")
        below.invert_xaxis()
        for panel in (above, below):
            panel.axhline(1, color="black", linewidth=0.6)
            panel.set(yscale="log", ylabel="r: examples that one example helps")
        style.legend_below(below)
    return figure


def _over_loss(panel: Axes, table: pandas.DataFrame, of: Line) -> None:
    """A thin line a run: their losses differ, so that there is no mean."""
    label: str | None = of.label
    for _, run in beside(table, of, "loss").sort_values("epoch").groupby("run"):
        panel.plot(
            run.train_loss, run.value, color=of.color, linestyle=of.linestyle, linewidth=0.9, alpha=0.8, label=label
        )
        label = None


def note(table: pandas.DataFrame) -> list[str]:
    return [*style.seeds_note(table), "black: r of orthogonal gradients"]


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """The median r while training, of each network, labels and split, least to greatest over the seeds; the ratio."""
    texts = []
    for name, network in networks.found(table).items():
        for split in SPLITS:
            real, random = (medians(table, line(name, labels, split)) for labels in LABELS)
            found = [spread(values, ".3g") if len(values) else "never" for values in (real, random)]
            ratio = (real / random).dropna()
            shown = f", ratio {spread(ratio, '.2f')}" if len(ratio) else ""
            where = split.replace("_", "-")
            texts.append(f"{network.name}, {where}: median r {found[0]} on real, {found[1]} on random labels{shown}")
    return "\n".join(texts)


EXPERIMENT = Experiment(draw, summary, losses=LOSSES, note=note)
