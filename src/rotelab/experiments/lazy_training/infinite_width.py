"""Wide networks trained by descent, and kernel regression in closed form.

Thick lines are means over seeds, thin ones each seed; dots on the left are of the mean of all seeds' predictions.
Dashed on the right is the test error of the closed form, the limit of infinite width.
"""

from itertools import product
from typing import NamedTuple

import pandas
import torch
from matplotlib.figure import Figure
from torch import Tensor

from rotelab import randomness
from rotelab.exact import images, infinite_width, lazy_network
from rotelab.exact.wide_network import WideNetwork, descended
from rotelab.experiments.experiment import Exact
from rotelab.figures import style
from rotelab.measures.tangent_kernel import tangent_kernel
from rotelab.results.lines import check_every

HIDDEN = {1: "one hidden layer", 2: "two"}


class Scale(NamedTuple):
    """Train and test images, their side in pixels (None: their own), widths, steps, and seeds."""

    train: int
    test: int
    side: int | None
    widths: tuple[int, ...]
    steps: int
    seeds: int


SCALES = {
    "smoke": Scale(20, 60, None, (16, 64), 20, 2),
    "demo": Scale(60, 597, None, (16, 64, 256, 1024), 60, 3),
    "small": Scale(200, 2000, 16, (32, 128, 512, 2048), 300, 5),
    "paper": Scale(1000, 10_000, 32, (128, 512, 2048, 8192), 1000, 10),
}


def task(scale: Scale, folder: str | None) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Train images and targets, test images and targets: 1 for classes of odd numbers, -1 for even ones."""
    data = images.load(0, folder, scale.side, scale.train, scale.test)
    mean = data.train.mean(0)
    known, new = (2.0 * (labels % 2) - 1 for labels in (data.train_labels, data.test_labels))
    return data.train - mean, known.double(), data.test - mean, new.double()


def measure(scale: Scale, folder: str | None) -> pandas.DataFrame:
    """A row for each depth, width and seed: distances from the closed form, relative to its size, and test errors."""
    train, known, test, new = task(scale, folder)
    rows = []
    for hidden, width in product(HIDDEN, scale.widths):
        gram, cross = (infinite_width.kernels(of.numpy(), train.numpy(), hidden).tangent for of in (train, test))
        rate = scale.train / float(torch.linalg.eigvalsh(torch.tensor(gram)).max())
        limit = torch.tensor(infinite_width.descended(gram, cross, known.numpy(), rate, scale.steps))
        total = torch.zeros_like(limit)
        for seed in range(scale.seeds):
            network = WideNetwork(train.shape[1], width, hidden, randomness.stream("lazy", hidden, width, seed))
            before = tangent_kernel(network, train).numpy()
            found = descended(network, train, known, test, rate, scale.steps)
            total = total + found
            rows.append(
                {
                    **{"hidden": hidden, "width": width, "seed": seed},
                    "kernel_distance": lazy_network.movement(before, gram),
                    "movement": lazy_network.movement(tangent_kernel(network, train).numpy(), before),
                    "distance": float((found - limit).norm() / limit.norm()),
                    "mean_distance": float((total / (seed + 1) - limit).norm() / limit.norm()),
                    "test_error": float((found.sign() != new).double().mean()),
                    "test_error_limit": float((limit.sign() != new).double().mean()),
                }
            )
    return pandas.DataFrame(rows)


def describe(scale: Scale) -> list[str]:
    size = f" at {scale.side}x{scale.side}" if scale.side else ""
    return [
        f"{scale.train:,} train and {scale.test:,} test images{size}, minus the train images' mean",
        *("even or odd class", "ReLU, no biases, NTK parametrization, output from 0"),
        f"{scale.steps:,} steps of descent on squares, of 1 over the limit's greatest eigenvalue",
        f"{scale.seeds} seeds (weights)",
        *("dots: of the mean of all seeds' predictions", "dashed: the closed form"),
    ]


def draw(table: pandas.DataFrame) -> Figure:
    """Distances, movement and errors over widths. Raises Refusal where a seed is missing."""
    check_every(table, ["hidden", "width"], "depth and width")
    figure, panels = style.axes(3)
    columns = ("distance", "movement", "test_error")
    for (hidden, words), color in zip(HIDDEN.items(), (style.PLAIN, style.MEMORIZE), strict=True):
        of = table[table.hidden == hidden].assign(run=table.seed)
        for panel, column in zip(panels, columns, strict=True):
            style.seeds(panel, of.assign(value=of[column]), "width", color, "-", words)
        every = of[of.seed == of.seed.max()]
        panels[0].plot(every.width, every.mean_distance, "o", color=color, markersize=4)
        panels[2].axhline(of.test_error_limit.iloc[0], color=color, linewidth=0.8, linestyle="--")
    labels = ("distance from the closed form", "movement of the tangent kernel", "test error")
    for panel, label in zip(panels, labels, strict=True):
        panel.set(xscale="log", xlabel="width", ylabel=label)
        style.legend_below(panel)
    for panel in panels[:2]:
        panel.set(yscale="log")
    return figure


def summary(table: pandas.DataFrame) -> str:
    """What was seen: at the least and the greatest width the distances, and the test errors beside the limit's."""
    lines = []
    for hidden, words in HIDDEN.items():
        of = table[table.hidden == hidden]
        for width in (of.width.min(), of.width.max()):
            at = of[of.width == width]
            lines.append(
                f"{words}, width {width}: kernel {at.kernel_distance.mean():.1%} and predictions "
                f"{at.distance.mean():.1%} from the closed form, the seeds' mean {at.mean_distance.iloc[-1]:.1%}; "
                f"the kernel moves by {at.movement.mean():.1%}; test error {at.test_error.mean():.3f}, "
                f"limit {at.test_error_limit.iloc[0]:.3f}"
            )
    return "\n".join(lines)


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary)
"""Kernel regression, and how wide a network has to be for it."""
