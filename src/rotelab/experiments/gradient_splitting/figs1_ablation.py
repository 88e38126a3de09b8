"""ResNet18 on noise with and without a softmax, by outputs and batch norm.

Blue is without a softmax, orange with one, the lighter of each with 1,000 outputs, of which ten are used; a panel for
each kind of batch norm. The last panel has the gradient's norm before training: if it is small, it explains that a
curve rises late.
"""

from dataclasses import replace
from itertools import product

import pandas
from matplotlib.figure import Figure

from rotelab.experiments.experiment import Experiment
from rotelab.figures import curves, style
from rotelab.results.lines import Line, check_seeds, rows

NORMS = {"batch": "batch norm live", "frozen_init": "batch norm frozen at initialization"}
COLORS = {(False, 10): style.PLAIN, (False, 1000): "#56B4E9", (True, 10): style.MEMORIZE, (True, 1000): "#E69F00"}


def lines(norm: str) -> list[Line]:
    """The four networks with one kind of batch norm."""
    return [
        Line(
            f"{'softmax' if softmax else 'no softmax'}, {outputs} outputs",
            {"model.batch_norm": norm, "model.softmax": softmax, "model.head_classes": outputs},
            COLORS[softmax, outputs],
        )
        for softmax, outputs in product((False, True), (10, 1000))
    ]


def first_norm(table: pandas.DataFrame, line: Line) -> pandas.Series:
    """The norm of the objective's gradient before training, all layers, by seed."""
    norms = replace(line, metric="gradient_norm", split="all_layers")
    found = rows(table, norms)
    return found[found.epoch == 0].set_index("seed").value


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Train accuracy for either kind of batch norm; the gradient's norm before training beside it."""
    figure, panels = style.axes(3, width=12.0, height=4.0)
    for index, (panel, (norm, name)) in enumerate(zip(panels, NORMS.items(), strict=False)):
        shown = lines(norm)
        check_seeds(table, shown)
        curves.draw(panel, table, shown)
        panel.set(ylabel="train accuracy", ylim=(0, 1.02))
        panel.set_title(name, fontsize=8)
        style.legend_below(panel)
        for place, line in enumerate(shown):
            norms = first_norm(table, line)
            marker = {"batch": "o", "frozen_init": "s"}[norm]
            x = [place + 0.2 * index - 0.1] * len(norms)
            panels[2].plot(x, norms, marker, color=line.color, markersize=5, label=name if place == 0 else None)
    panels[2].set_yscale("log")
    panels[2].set_xticks(range(4), [line.label.replace(", ", "\n") for line in lines("batch")], fontsize=7)
    panels[2].set(ylabel="norm of the gradient before training")
    style.legend_below(panels[2], 1)
    return figure


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    texts = []
    for norm, name in NORMS.items():
        texts += [f"{name}:", curves.summary(table, lines(norm))]
        texts += [f"first gradient, {line.label}: {first_norm(table, line).mean():.4g}" for line in lines(norm)]
    return "\n".join(texts)


EXPERIMENT = Experiment(draw, summary)
