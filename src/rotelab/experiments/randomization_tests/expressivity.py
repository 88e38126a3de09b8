"""Theorem 1: networks of 2n + d weights that represent any labels of n points.

The first panel has the greatest error of the constructed network on n points: rounding, far below the line. The
second shows the price, weights that grow and a matrix that comes close to singular, and the third that 2n + d weights
are all it takes.
"""

from typing import NamedTuple, cast

import pandas
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab import randomness
from rotelab.exact import images
from rotelab.exact.expressivity import represent
from rotelab.experiments.experiment import Exact
from rotelab.figures import style
from rotelab.results.lines import check_every


class Scale(NamedTuple):
    """The greatest n, and the side of the images in pixels (None: their own, for the digits)."""

    points: int
    side: int | None


SCALES = {"smoke": Scale(20, 4), "demo": Scale(2000, None), "small": Scale(2000, 16), "paper": Scale(5000, 32)}
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
SEEDS = (0, 1, 2)
LABELS = ("0 to 9", "normal")
"""Random labels: integers, each as likely, or numbers from a normal distribution."""

_COLORS = {"images": style.MEMORIZE, "random points": style.PLAIN}
_LINES = {"0 to 9": "-", "normal": "--"}


def measure(scale: Scale, folder: str | None) -> pandas.DataFrame:
    """A row per set of points, kind of labels, n and seed. The images of a source with fewer than n end earlier."""
    rows = []
    for seed in SEEDS:
        drawn = images.load(seed, folder, scale.side, scale.points, 1).train
        noise = torch.rand(scale.points, drawn.shape[1], generator=_stream("points", seed), dtype=torch.float64)
        for source, points in (("images", drawn), ("random points", noise)):
            for size in (size for size in SIZES if size <= len(points)):
                for labels in LABELS:
                    generator = _stream(source, labels, size, seed)
                    network = represent(points[:size], _labels(labels, size, generator), generator)
                    rows.append((source, labels, size, points.shape[1], seed, *network[1:]))
    columns = ["points", "labels", "n", "d", "seed", "weights", "lambda_min", "w_max", "residual"]
    return pandas.DataFrame(rows, columns=columns)


def _stream(*names: int | str) -> torch.Generator:
    return randomness.stream("expressivity", *names)


def _labels(kind: str, size: int, generator: torch.Generator) -> torch.Tensor:
    if kind == "normal":
        return torch.randn(size, generator=generator, dtype=torch.float64)
    return torch.randint(10, (size,), generator=generator).double()


def draw(table: pandas.DataFrame) -> Figure:
    """All panels from a table such as ``measure`` makes. ValueError, with a sentence, where seeds are missing."""
    check_every(table, ["points", "labels", "n"], "n")
    figure, (residuals, sizes, weights) = style.axes(3, width=10.0, height=3.9)
    for kind, rows in table.groupby(["points", "labels"]):
        points, labels = cast(tuple[str, str], kind)
        look = {"color": _COLORS[points], "linestyle": _LINES[labels]}
        _band(residuals, rows, "residual", f"{points}, labels {labels}", **look)
        _band(sizes, rows, "w_max", "", **look)
    integers = table[table.labels == LABELS[0]]
    for points, rows in integers.groupby("points"):
        _band(sizes, rows, "lambda_min", "", color=_COLORS[str(points)], linestyle=":")
    residuals.axhline(1e-3, color="0.3", linewidth=0.8, linestyle="-.")
    residuals.text(1, 1.5e-3, "bound of the check: $10^{-3}$", fontsize=6.5)
    residuals.set(ylabel="greatest $|c(x_i)-y_i|$", ylim=(1e-17, 1e-1))
    for label, linestyle in (("greatest $|w_j|$, as in (a)", "-"), ("$\\lambda_{min}$", ":")):
        sizes.plot([], color="0.3", linestyle=linestyle, label=label)
    sizes.set(ylabel="$|w|$ and $\\lambda_{min}$")
    counted = table.groupby("n").weights.first()
    (d,) = table.d.unique()
    weights.plot(counted.index, 2 * counted.index + d, color="0.3", linestyle="--", linewidth=1, label=f"$2n+{d}$")
    weights.plot(counted, color=style.BOTH, marker="o", markersize=4, linestyle="none", label="weights of the network")
    weights.set(ylabel="weights", yscale="log")
    weights.legend(fontsize=6.5, loc="upper left")
    residuals.legend(fontsize=6.5, loc="lower right")
    sizes.legend(fontsize=6.5, loc="upper left")
    for panel in (residuals, sizes):
        panel.set(yscale="log")
    for panel in (residuals, sizes, weights):
        panel.set(xscale="log", xlabel="points $n$")
    return figure


def _band(panel: Axes, rows: pandas.DataFrame, column: str, label: str, color: str, linestyle: str) -> None:
    seeds = rows.assign(run=rows.seed, value=rows[column].clip(lower=1e-17))  # 0, an exact fit, on a log axis
    style.seeds(panel, seeds, "n", color, linestyle, label)


def summary(table: pandas.DataFrame) -> str:
    """What was seen, in a few lines: the worst residual of each kind and n, and whether the weights are 2n + d."""
    check_every(table, ["points", "labels", "n"], "n")
    lines = []
    for kind, rows in table.groupby(["points", "labels"]):
        points, labels = cast(tuple[str, str], kind)
        last = rows[rows.n == rows.n.max()]
        lines.append(
            f"{points}, labels {labels}: residual at most {rows.residual.max():.1e} for n up to {rows.n.max():,}; "
            f"there |w| up to {last.w_max.max():.1e}, lambda_min from {last.lambda_min.min():.1e}"
        )
    right = (table.weights == 2 * table.n + table.d).sum()
    lines.append(f"2n + d weights in {right} of {len(table)} networks; residual below 1e-3 in {_below(table)}")
    return "\n".join(lines)


def _below(table: pandas.DataFrame) -> int:
    return int((table.residual < 1e-3).sum())


def describe(scale: Scale) -> list[str]:
    return [
        f"n train images{f' at {scale.side}x{scale.side}' if scale.side else ''}, pixels 0 to 1",
        "or uniform random points of as many dimensions",
        "random labels, integers 0 to 9 or normal numbers",
        "best of 16 random directions a, float64",
        f"{len(SEEDS)} seeds (images, labels, a): each thin, their mean thick, band from the least to the greatest",
    ]


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary)
