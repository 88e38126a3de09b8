"""One run: accuracies and losses of its splits over the epochs, ``curve.png`` beside its result."""

from pathlib import Path

import pandas
from matplotlib.figure import Figure

from rotelab.figures import style
from rotelab.results import describe, files
from rotelab.results.table import load_run

COLORS = {"train": style.MEMORIZE, "pseudo_test": style.PLAIN, "held_out": style.NOISE}
LINESTYLES = {"": "-", "_clean": "--", "_corrupted": ":"}
"""Of all images of a split, and of those whose label is the source's, or is not."""


def draw(table: pandas.DataFrame) -> Figure:
    """Of the table of a single run. A run that is dead ends with a cross."""
    figure, panels = style.axes(2)
    for panel, metric in zip(panels, ("accuracy", "loss"), strict=True):
        for split, color in COLORS.items():
            for kind, linestyle in LINESTYLES.items():
                line = table[(table.metric == metric) & (table.split == split + kind)]
                if len(line):
                    label = (split + kind).replace("_", "-")
                    panel.plot(line.epoch, line.value, linestyle, color=color, label=label, linewidth=1)
                    style.deaths(panel, line, "epoch", color)
        panel.set(xlabel="epochs", ylabel={"accuracy": "accuracy", "loss": "loss, nats"}[metric], xlim=(0, None))
        style.legend_below(panel, 3)
    panels[0].set_ylim(-0.02, 1.02)
    return figure


def save(folder: Path) -> list[Path]:
    """Draw the finished run of a folder beside its curve."""
    figure = draw(load_run(folder))
    style.caption(figure, "One run: accuracies and losses of its splits over the epochs", describe.run(folder))
    return style.save(figure, folder, Path(files.CURVE).stem, ("png",))
