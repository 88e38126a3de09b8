"""Figure 1a: the loss on true and random labels, changed pixels and noise.

Each colour is a change of the data, from true labels to noise; the lower a curve falls, the better the train split is
fitted. The last panel has the steps to fit it: a network that fits random labels in a few times the steps of true
ones can memorize.
"""

import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab.experiments.experiment import Experiment
from rotelab.figures import curves, networks, style
from rotelab.results.lines import Line, check_seeds, last, rows, some, spread

VARIANTS = {
    "true_labels": ("true labels", style.PLAIN),
    "shuffled_pixels": ("shuffled pixels", style.BOTH),
    "gaussian": ("Gaussian noise", style.NOISE),
    "random_pixels": ("random pixels", "#CC79A7"),
    "random_labels": ("random labels", style.MEMORIZE),
}
"""Of the data, by ``randomization``: in the order in which an independent reproduction fitted them."""
LOSSES = ("train",)
"""Splits whose loss goes into the CSV: it is what is drawn."""
LOSS = 0.1
"""At which the reproduction read off its steps."""


def line(network: str, variant: str, metric: str = "accuracy", split: str = "train") -> Line:
    label, color = VARIANTS[variant]
    return Line(label, {"network": network, "randomization": variant}, color, split, metric=metric)


def steps_to_loss(table: pandas.DataFrame, network: str, variant: str) -> pandas.Series:
    """By seed: optimizer steps until the mean loss of the train split was at most LOSS; no entry where it never was."""
    loss = rows(table, line(network, variant, "loss"))
    return loss[loss.value <= LOSS].groupby("seed").step.min()


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Training loss over optimizer steps, a panel for each network, and the steps to fit the train split.

    Raises Refusal, with a sentence, where the runs of a variant are missing or variants differ in their seeds.
    """
    shown = networks.found(table)
    for name in shown:
        for metric in ("accuracy", "loss"):
            check_seeds(table, [line(name, variant, metric) for variant in VARIANTS])
    figure, panels = style.axes(len(shown) + 1, width=4.2 * (len(shown) + 1), height=4.0)
    for panel, (name, network) in zip(panels, shown.items(), strict=False):
        curves.draw(panel, table, [line(name, variant, "loss") for variant in VARIANTS], x="step")
        panel.set(xscale="linear", xlim=(0, None), yscale="log", ylabel="loss on the train split, nats")
        panel.set_title(network.name, fontsize=8)
        style.legend_below(panel, 3)
    _fits(panels[-1], table, shown)
    return figure


def _fits(panel: Axes, table: pandas.DataFrame, shown: dict[str, networks.Network]) -> None:
    """A dot a seed and a bar at their mean; where a run did not fit its train split, hollow at its end, with a note."""
    for row, (name, network) in enumerate(shown.items()):
        shift = 0.24 * (row - (len(shown) - 1) / 2)
        for place, variant in enumerate(VARIANTS):
            at, color = networks.fits(table, line(name, variant)), VARIANTS[variant][1]
            fitted = at[at.fitted]
            for runs, face in ((fitted, color), (at[~at.fitted], "none")):
                panel.scatter([place + shift] * len(runs), runs.step, 14, face, marker=network.marker, edgecolors=color)
            if len(fitted) == len(at):
                panel.plot(place + shift, at.step.mean(), "_", color=color, markersize=13, markeredgewidth=1.5)
            else:
                style.note(panel, f"{len(fitted)} of {len(at)} fit", (place + shift, float(at.step.max())), row)
        panel.scatter([], [], 14, "black", marker=network.marker, label=network.name)
    panel.set(ylabel=f"steps to train accuracy {networks.FITTED}", xlim=(-0.5, len(VARIANTS) - 0.5))
    panel.set_ylim(0, (1.05 + 0.03 * len(shown)) * panel.get_ylim()[1])  # room for a note of each network
    panel.set_xticks(range(len(VARIANTS)), [label.replace(" ", "\n") for label, _ in VARIANTS.values()], fontsize=7)
    panel.set_title("hollow: the end of a run that did not fit", fontsize=7)
    style.legend_below(panel)


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Steps to fit and to a mean loss of LOSS, least to greatest over the seeds, and the last accuracies."""
    texts = []
    for name, network in networks.found(table).items():
        for variant, (label, _) in VARIANTS.items():
            train, test = (last(table, line(name, variant, split=split)).value for split in ("train", "held_out"))
            at, loss = networks.fits(table, line(name, variant)), steps_to_loss(table, name, variant)
            texts.append(
                f"{network.name}, {label}: steps to train accuracy {networks.FITTED} "
                f"{_steps(at[at.fitted].step, len(at))}, to loss {LOSS} {_steps(loss, len(at))}; in the end train "
                f"{spread(train, '.3f')}, test {spread(test, '.3f')}"
            )
    return "\n".join(texts)


def _steps(steps: pandas.Series, seeds: int) -> str:
    if steps.empty:
        return "never"
    return spread(steps, "d") + some(len(steps), seeds)


EXPERIMENT = Experiment(draw, summary, losses=LOSSES)
