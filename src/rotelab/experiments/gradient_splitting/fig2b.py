"""Figure 2b: images with more and more noise, under Eq. (4) and Eq. (3).

Each colour is a share of noise, from images alone to noise alone. If noise makes memorizing easier, curves rise in
the order of their noise, and the last panel's points, accuracies after the last epoch, climb to the right; where the
crosses there, plain training by Eq. (3), climb as well, it is not memorizing that noise makes easier.
"""

import pandas
from matplotlib.figure import Figure

from rotelab.errors import Refusal
from rotelab.experiments.experiment import Experiment
from rotelab.figures import curves, style
from rotelab.results.lines import Line, chance, check_seeds, last, plain

RECORDED = {0: "conv_eq4_cifar_10k", 1: "conv_eq4_noise_10k"}
"""The author's series of the two ends; those between are named by their noise in percent."""


def lines(table: pandas.DataFrame) -> list[Line]:
    """One for each noise of the sweep. Raises Refusal where it has none."""
    if "data.inputs.noise" not in table:
        raise Refusal("Figure 2b needs runs of several data.inputs.noise")
    levels = sorted(table["data.inputs.noise"].dropna().unique())
    return [
        Line(
            f"{100 * noise:.0f} % noise",
            {"objective": "threshold", "data.inputs.noise": noise},
            color,
            recorded=RECORDED.get(noise, f"conv_eq4_mix{100 * noise:.0f}_10k"),
        )
        for noise, color in zip(levels, style.shades(len(levels)), strict=True)
    ]


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Train accuracy over epochs, and the last one over the noise."""
    shown = lines(table)
    check_seeds(table, [*shown, *map(plain, shown)])
    figure, (panel, ends) = style.axes(2)
    curves.draw(panel, table, shown, record)
    panel.set(ylabel="train accuracy", ylim=(0, 1))
    style.legend_below(panel, 4)
    for place, line in enumerate(shown):
        final = last(table, line).value
        ends.scatter([place] * len(final), final, s=12, color=line.color, alpha=0.6, linewidths=0)
        control = last(table, plain(line)).value
        ends.scatter([place + 0.25] * len(control), control, s=12, marker="x", color=line.color, linewidths=0.8)
        ends.plot(place, final.mean(), "_", color=line.color, markersize=14, markeredgewidth=2)
    style.chance(ends, chance(table))
    ends.set(xlabel="noise, % (not to scale)", ylabel=f"train accuracy after {table.epoch.max()} epochs", ylim=(0, 1))
    ends.set_xticks(range(len(shown)), [f"{100 * line.where['data.inputs.noise']:.0f}" for line in shown])
    return figure


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    return curves.summary(table, [*lines(table), *map(plain, lines(table))], record)


def note(table: pandas.DataFrame) -> list[str]:
    return [*style.seeds_note(table), "crosses in (b): plain training, Eq. (3)"]


EXPERIMENT = Experiment(draw, summary, note=note)
