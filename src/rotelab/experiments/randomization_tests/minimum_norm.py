"""Section 5: interpolations of least norm, and where SGD ends.

The first panel has train and test errors of the solution of least norm by kernel, an interpolation but for linear
kernels of few pixels, the second their norms: the rule "least norm generalizes best" would order both alike. The
third follows SGD to the solution of least norm; below the line it is that one.
"""

from collections.abc import Iterator
from typing import NamedTuple

import pandas
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats
from torch import Tensor
from torch.nn import functional

from rotelab import randomness
from rotelab.exact import images, minimum_norm, random_convolution
from rotelab.experiments.experiment import Exact
from rotelab.figures import style
from rotelab.results.lines import check_every


class Scale(NamedTuple):
    """Train and test images, their side in pixels (None: their own), random filters; images and steps of SGD."""

    train: int
    test: int
    side: int | None
    filters: int
    sgd_images: int
    sgd_steps: int


SCALES = {
    "smoke": Scale(60, 40, None, 20, 5, 2000),
    "demo": Scale(1200, 597, None, 300, 20, 100_000),
    "small": Scale(2000, 2000, 16, 1000, 50, 300_000),
    "paper": Scale(10_000, 10_000, 32, 4000, 50, 1_000_000),  # of 50,000 train images: 20 GB a matrix
}
WIDTHS = (0.1, 1.0, 10.0, 100.0)
"""gamma of the Gaussian kernels, in units of the paper's 0.02 * 784 / pixels."""
SEEDS = (0, 1, 2)

_COLUMNS = ["part", "kernel", "seed", "train_error", "test_error", "norm", "residual", "rank", "step", "distance"]


def measure(scale: Scale, folder: str | None) -> pandas.DataFrame:
    """A row per kernel and seed (part ``kernel``), and one per seed and moment of SGD (part ``sgd``)."""
    rows = []
    for seed in SEEDS:
        data = images.load(seed, folder, scale.side, scale.train, scale.test)
        targets = functional.one_hot(data.train_labels).double()
        for name, gram, across in _kernels(data, scale.filters, seed):
            alpha, *rest = minimum_norm.interpolate(gram, targets)
            train = minimum_norm.error(gram @ alpha, data.train_labels)
            test = minimum_norm.error(across @ alpha, data.test_labels)
            rows.append(dict(zip(_COLUMNS, ("kernel", name, seed, train, test, *rest), strict=False)))
        points, wanted = data.train[: scale.sgd_images], targets[: scale.sgd_images]
        exact = minimum_norm.weights(points, wanted)
        moments = _moments(scale.sgd_steps)
        found = minimum_norm.sgd(points, wanted, moments, randomness.stream("minimum_norm", "sgd", seed))
        distance = (found - exact).norm(dim=(1, 2)) / exact.norm()
        both = zip(moments, distance.tolist(), strict=True)
        rows += [{"part": "sgd", "seed": seed, "step": step, "distance": value} for step, value in both]
    return pandas.DataFrame(rows, columns=_COLUMNS)


def _moments(steps: int) -> list[int]:
    """From 10 steps on, eight to a factor of ten."""
    spaced = {round(10 ** (power / 8)) for power in range(8, 80)}
    return sorted({step for step in spaced if step < steps} | {steps})


def _kernels(data: images.Images, filters: int, seed: int) -> Iterator[tuple[str, Tensor, Tensor]]:
    """Name, the kernel among train images, and that of test images with them; one at a time, they are large."""
    train, test = data.train, data.test
    mean, deviation = train.mean(0), train.std(0)
    scale = torch.where(deviation > 0, deviation, 1)
    standard, standard_test = (train - mean) / scale, (test - mean) / scale
    yield "linear, pixels", *_both(train, test)
    yield "linear, standardized pixels", *_both(standard, standard_test)
    unit = minimum_norm.scaled_gamma(train.shape[1])
    for width in WIDTHS:
        gamma = unit * width
        gram = minimum_norm.gaussian(train, train, gamma)
        yield f"Gaussian, $\\gamma$ x {width:g}", gram, minimum_norm.gaussian(test, train, gamma)
    gamma = 1 / train.shape[1]
    gram = minimum_norm.gaussian(standard, standard, gamma)
    yield "Gaussian, standardized pixels", gram, minimum_norm.gaussian(standard_test, standard, gamma)
    maps = (
        random_convolution.features(data.stacked(part), filters, randomness.stream("minimum_norm", "filters", seed))
        for part in ("train", "test")
    )
    yield "linear, random convolutions", *_both(*maps)


def _both(train: Tensor, test: Tensor) -> tuple[Tensor, Tensor]:
    return minimum_norm.linear(train, train), minimum_norm.linear(test, train)


def kernels(table: pandas.DataFrame) -> pandas.DataFrame:
    """The seeds' means by kernel, the least test error first. ValueError where a kernel lacks a seed of the others."""
    rows = table[table.part == "kernel"]
    check_every(rows, ["kernel"], "kernel")
    columns = ["train_error", "test_error", "norm", "residual", "rank"]
    return rows.groupby("kernel", sort=False)[columns].mean().sort_values("test_error")


def draw(table: pandas.DataFrame) -> Figure:
    """All panels from a table such as ``measure`` makes. ValueError, with a sentence, where seeds are missing."""
    means = kernels(table)
    figure, (errors, norms, distances) = style.axes(3, width=10.0)
    rows = table[table.part == "kernel"]
    _dots(errors, means, rows, "test_error", style.MEMORIZE, "test")
    _dots(errors, means, rows, "train_error", style.PLAIN, "train")
    worst = rows[["train_error", "test_error"]].max(axis=None)
    errors.set(xlabel="error", xlim=(-0.03 * worst, 1.05 * worst), yticks=range(len(means)), yticklabels=means.index)
    errors.legend(fontsize=6.5, loc="center")
    _dots(norms, means, rows, "norm", style.BOTH, "norm")
    norms.set(xscale="log", xlabel="RKHS norm $(\\mathrm{tr}\\,\\alpha^TK\\alpha)^{1/2}$", yticks=range(len(means)))
    norms.set_yticklabels([])
    for panel in (errors, norms):
        panel.tick_params(axis="y", labelsize=7)
        panel.invert_yaxis()
    steps = table[table.part == "sgd"].assign(run=lambda part: part.seed, value=lambda part: part.distance)
    style.seeds(distances, steps, "step", style.PLAIN, "-", "SGD, one image a step")
    distances.axhline(1e-3, color="0.3", linewidth=0.8, linestyle="-.")
    distances.set(xscale="log", yscale="log", xlabel="optimizer steps", ylabel="$|w-X^+Y|/|X^+Y|$")
    distances.legend(fontsize=6.5, loc="lower left")
    return figure


def _dots(panel: Axes, means: pandas.DataFrame, rows: pandas.DataFrame, column: str, color: str, label: str) -> None:
    """A line of dots per kernel, a dot per seed, and a stroke for their mean."""
    place = {kernel: index for index, kernel in enumerate(means.index)}
    panel.plot(rows[column], rows.kernel.map(place), "o", color=color, markersize=4, alpha=0.6, label=label)
    panel.plot(means[column], range(len(means)), "|", color=color, markersize=11)


def summary(table: pandas.DataFrame) -> str:
    """What was seen: each kernel's errors and norm, their rank correlation, and how near SGD came in how many steps."""
    means = kernels(table)
    lines = []
    for kernel, row in means.iterrows():
        line = f"{kernel}: train error {row.train_error:.3f}, test error {row.test_error:.3f}, norm {row['norm']:.4g}"
        lines.append(line + (", least squares, no exact fit" if row.residual > 1e-3 else ""))
    exact = means[means.residual <= 1e-3]
    correlation = stats.spearmanr(exact["norm"], exact.test_error).statistic if len(exact) > 2 else float("nan")
    lines.append(f"rank correlation of norm and test error, over the {len(exact)} that fit exactly: {correlation:.2f}")
    for seed, rows in table[table.part == "sgd"].groupby("seed"):
        near = rows[rows.distance < 1e-3].step
        when = f"below 1e-3 from step {near.min():,.0f} on" if len(near) else "not below 1e-3"
        lines.append(f"SGD, seed {seed}: relative distance {rows.distance.iloc[-1]:.1e} at the end, {when}")
    return "\n".join(lines)


def describe(scale: Scale) -> list[str]:
    size = f" at {scale.side}x{scale.side}" if scale.side else ""
    return [
        f"{scale.train:,} train and {scale.test:,} test images{size}, pixels 0 to 1",
        *("one-hot targets", "no bias"),
        "gamma in units of 0.02 x 784 / pixels",
        "a linear kernel with more images than dimensions has no exact fit (least squares)",
        f"{scale.filters:,} random filters",
        f"(c): {scale.sgd_images} images, SGD from 0",
        f"{len(SEEDS)} seeds (images, filters, order): dots in (a), (b), strokes their mean; thin in (c), mean thick",
        "dash-dotted: 0.001, below which SGD has come to the solution of least norm",
    ]


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary)
