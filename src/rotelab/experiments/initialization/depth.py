"""Which depths train: the train error over depth, by initialization.

Thick lines are means over seeds, thin ones each seed, each with the learning rate that leaves the least loss. Dotted is
the error of a guess of the most frequent class.
"""

from typing import NamedTuple

import numpy
import pandas
from matplotlib.figure import Figure

from rotelab.exact import deep_network, images
from rotelab.experiments.experiment import Exact
from rotelab.experiments.initialization.variance import INITIALIZATIONS
from rotelab.figures import style
from rotelab.results.lines import check_every

RATES = (0.003, 0.01, 0.03, 0.1)


class Scale(NamedTuple):
    """Train images, their side in pixels (None: their own), width, depths, steps, and seeds."""

    train: int
    side: int | None
    width: int
    depths: tuple[int, ...]
    steps: int
    seeds: int


SCALES = {
    "smoke": Scale(30, None, 16, (2, 8), 20, 2),
    "demo": Scale(100, None, 32, (2, 4, 8, 16, 24), 150, 3),
    "small": Scale(500, 16, 64, (2, 4, 8, 16, 32, 64), 300, 3),
    "paper": Scale(5000, 32, 256, (2, 4, 8, 16, 32, 64, 128), 1000, 5),
}


def measure(scale: Scale, folder: str | None) -> pandas.DataFrame:
    """A row for each initialization, depth and seed, with the best of the rates."""
    rows = []
    for seed in range(scale.seeds):
        data = images.load(seed, folder, scale.side, scale.train, 1)
        points, labels = (data.train - data.train.mean()).numpy() / float(data.train.std()), data.train_labels.numpy()
        chance = 1 - numpy.bincount(labels).max() / len(labels)
        for name, of in INITIALIZATIONS.items():
            for depth in scale.depths:
                fits = {}
                for rate in RATES:
                    generator = numpy.random.default_rng([seed, depth])
                    size = (scale.width, depth)
                    fits[rate] = deep_network.fit(points, labels, of, size, rate, scale.steps, generator)
                best = min(RATES, key=lambda rate: numpy.nan_to_num(fits[rate].loss, nan=numpy.inf))
                found = {"initialization": name, "depth": depth, "seed": seed, "rate": best, "chance": chance}
                rows.append({**found, **fits[best]._asdict()})
    return pandas.DataFrame(rows)


def describe(scale: Scale) -> list[str]:
    size = f" at {scale.side}x{scale.side}" if scale.side else ""
    return [
        f"{scale.train:,} train images{size}, of mean 0 and variance 1",
        f"hidden layers of {scale.width} ReLUs, no biases, no normalization; of all but the first the initialization",
        f"cross-entropy, {scale.steps:,} steps of all images, momentum 0.9",
        f"the best of the learning rates {', '.join(f'{rate:g}' for rate in RATES)}",
        f"{scale.seeds} seeds (images, weights)",
    ]


def draw(table: pandas.DataFrame) -> Figure:
    """Train errors and losses over depths. Raises Refusal where a seed is missing."""
    check_every(table, ["initialization", "depth"], "initialization and depth")
    figure, (errors, losses) = style.axes(2)
    runs = table.assign(run=table.seed)
    for (name, of), color in zip(runs.groupby("initialization", sort=False), style.PALETTE, strict=False):
        style.seeds(errors, of.assign(value=of.error), "depth", color, "-", str(name))
        style.seeds(losses, of.assign(value=of.loss), "depth", color, "-", str(name))
    style.chance(errors, float(table.chance.mean()), "guess")
    errors.set(xscale="log", xlabel="hidden layers", ylabel="train error", ylim=(0, 1))
    losses.set(xscale="log", yscale="log", xlabel="hidden layers", ylabel="train loss (nats)")
    for panel in (errors, losses):
        style.counted(panel)
        style.legend_below(panel)
    return figure


def summary(table: pandas.DataFrame) -> str:
    """What was seen: the train error at each depth."""
    lines = []
    for name, rows in table.groupby("initialization", sort=False):
        means = rows.groupby("depth").error.mean()
        lines.append(f"{name}: train error " + ", ".join(f"{of:.2f} at depth {depth}" for depth, of in means.items()))
    return "\n".join(lines)


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary)
"""What an initialization does to training."""
