"""Lazy or rich: the kernel's movement and the test error by output scale.

Thick lines are means over seeds, thin ones each seed; dotted in the middle is the alignment before training. With a
great scale the kernel stays what it was at random weights, with a small one it becomes that of the labels.
"""

from typing import NamedTuple

import numpy
import pandas
from matplotlib.figure import Figure

from rotelab.exact import images, lazy_network
from rotelab.exact.lazy_network import Task
from rotelab.experiments.experiment import Exact
from rotelab.figures import style
from rotelab.results.lines import check_every

LABELS = {"images": "images: even or odd class", "pair": "x1 x2 in 20 dimensions"}
UNITS, DIMENSIONS, POINTS = 100, 20, 150
"""Of both networks; of the task that is no image."""


class Scale(NamedTuple):
    """Train and test images, their side in pixels (None: their own), output scales, seeds, and steps at most."""

    train: int
    test: int
    side: int | None
    outputs: tuple[float, ...]
    seeds: int
    steps: int


MANY = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
SCALES = {
    "smoke": Scale(40, 100, None, (0.3, 1.0, 10.0), 2, 200),
    "demo": Scale(100, 597, None, MANY, 5, 4000),
    "small": Scale(300, 2000, 16, MANY, 10, 8000),
    "paper": Scale(1000, 10_000, 32, (*MANY, 300.0), 10, 20_000),
}


def parity(seed: int, folder: str | None, scale: Scale) -> Task:
    """Images minus the train images' mean; 1 for classes of odd numbers, -1 for even ones."""
    data = images.load(seed, folder, scale.side, scale.train, scale.test)
    train, test = ((of - data.train.mean(0)).numpy() for of in (data.train, data.test))
    known, new = (2.0 * (of % 2).numpy() - 1 for of in (data.train_labels, data.test_labels))
    return Task(train, known, test, new)


def measure(scale: Scale, folder: str | None) -> pandas.DataFrame:
    """A row for each task, output scale and seed."""
    rows = []
    for seed in range(scale.seeds):
        generator = numpy.random.default_rng([seed, 1])
        tasks = {
            "images": (parity(seed, folder, scale), 0.2, None),
            "pair": (lazy_network.sparse_parity(DIMENSIONS, POINTS, 1000, generator), 0.1, 1.0),
        }
        for task, (data, rate, inner) in tasks.items():
            dimensions = data.train.shape[1]
            start = lazy_network.drawn(UNITS, dimensions, (inner or 1 / dimensions, 1 / UNITS), generator)
            for output in scale.outputs:
                found = lazy_network.fit(data, start, output, rate * min(1, output / 0.2), scale.steps)
                rows.append({"task": task, "output": output, "seed": seed, **found._asdict()})
    return pandas.DataFrame(rows)


def describe(scale: Scale) -> list[str]:
    size = f" at {scale.side}x{scale.side}" if scale.side else ""
    return [
        f"{scale.train:,} train and {scale.test:,} test images{size}, minus the train images' mean",
        f"or {POINTS} points of {DIMENSIONS} signs, the label the product of two",
        f"{UNITS} ReLUs, no biases, output from 0",
        f"descent until the squared error is below {lazy_network.ENOUGH:g}, {scale.steps:,} steps at most",
        *(f"{scale.seeds} seeds (points, weights)", "dotted: before training"),
    ]


def draw(table: pandas.DataFrame) -> Figure:
    """Movement, alignment and errors over scales. Raises Refusal where a seed is missing."""
    check_every(table, ["task", "output"], "task and output scale")
    figure, panels = style.axes(3)
    columns = ("movement", "alignment", "test_error")
    for (task, words), color in zip(LABELS.items(), (style.PLAIN, style.MEMORIZE), strict=True):
        of = table[table.task == task].assign(run=table.seed)
        for panel, column in zip(panels, columns, strict=True):
            style.seeds(panel, of.assign(value=of[column]), "output", color, "-", words)
        panels[1].axhline(of.alignment_before.mean(), color=color, linewidth=0.8, linestyle=":")
    for panel, label in zip(panels, ("movement of the tangent kernel", "alignment", "test error"), strict=True):
        panel.set(xscale="log", xlabel="output scale", ylabel=label)
        style.legend_below(panel)
    panels[0].set(yscale="log")
    for panel in panels[1:]:
        panel.set(ylim=(0, None))
    return figure


def summary(table: pandas.DataFrame) -> str:
    """What was seen: movement and error at the least and at the greatest scale."""
    lines = []
    for task, words in LABELS.items():
        means = table[table.task == task].groupby("output")[["movement", "alignment", "test_error"]].mean()
        told = (
            f"at scale {scale:g} the kernel moves by {row.movement:.2g}, alignment {row.alignment:.2g}, "
            f"test error {row.test_error:.3f}"
            for scale, row in means.iterrows()
        )
        first, *_, last = told
        lines.append(f"{words}: {first}; {last}")
    unfinished = int((~(table.squared < lazy_network.ENOUGH)).sum())
    lines.append(f"{unfinished} of {len(table)} networks did not fit their points in the steps that they had")
    return "\n".join(lines)


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary)
"""What a network does that a kernel does not."""
