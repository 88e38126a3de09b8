"""Section 2.2: Rademacher complexity and shattering, as far as training sees.

On the left how well networks are trained to fit random signs, where 1 is every sign, and in the middle, for linear
models of three dimensions, how far that is below the truth. On the right the share of all labelings of a few points
that are fitted, beside Cover's exact count for linear ones; the dotted line is the largest set of which every labeling
is linear.

Whatever training reaches is a lower bound: tight where it is 1, and loose elsewhere. A class that reaches 1 has no
bound from this complexity.
"""

from functools import partial
from typing import NamedTuple

import pandas
import torch
from matplotlib.figure import Figure
from torch import Tensor
from torch.nn import functional

from rotelab import randomness
from rotelab.exact import complexity, halfspaces, images, shattering
from rotelab.experiments.experiment import Exact
from rotelab.figures import style
from rotelab.models.mlp import mlp
from rotelab.results.lines import check_every


class Scale(NamedTuple):
    """Image sides: as loaded (None: their own) and in (a); n in (a) and (b); draws of signs, most labelings tried."""

    side: int | None
    pixels: int
    sizes: tuple[int, ...]
    draws: int
    points: tuple[int, ...]
    labelings: int


POINTS = (3, 4, 5, 6, 8, 12, 16)
SCALES = {
    "smoke": Scale(None, 4, (8, 40), 2, (3, 4, 5), 32),
    "demo": Scale(None, 8, (16, 32, 64, 128), 3, POINTS[:-1], 32),
    "small": Scale(16, 4, (16, 32, 64, 128, 256, 512), 4, POINTS, 64),
    "paper": Scale(32, 16, (64, 128, 256, 512, 1024, 2048, 4096), 20, (*POINTS, 24, 32, 64), 4096),
}
MODELS: dict[str, complexity.Model] = {
    "linear": partial(mlp, widths=[]),
    "MLP 4": partial(mlp, widths=[4]),
    "MLP 16": partial(mlp, widths=[16]),
}
SEEDS = (0, 1, 2)
DIMENSIONS = 3
"""Of the points of (b): the mean grey of an image's left, middle and right third, so few that all labelings of d + 2
points can be tried."""
STARTS, ITERATIONS = 3, 100
"""Networks tried for a labeling, and the iterations of L-BFGS that each has."""

JITTER = 1e-3
"""Added to the points of (b), in standard deviations, so that no four of them lie on a plane."""
PARTS = ("rademacher", "halfspaces", "shattering")

_COLORS = {"linear": style.PLAIN, "MLP 4": style.MEMORIZE, "MLP 16": style.BOTH}
_COLUMNS = ["part", "model", "n", "seed", "mean", "low", "high", "fitted", "tried", "complete"]


def measure(scale: Scale, folder: str | None) -> pandas.DataFrame:
    """A row per model, n and seed: of Rademacher complexity (part ``rademacher``), of that of half-spaces, what was
    trained as ``mean`` and the exact one as ``high``, and of shattering."""
    rows = []
    for seed in SEEDS:
        drawn = images.load(seed, folder, scale.side, max(*scale.sizes, *scale.points), 1).stacked("train")
        large, small = _standardized(functional.adaptive_avg_pool2d(drawn, scale.pixels)), _standardized(_thirds(drawn))
        for name, model in MODELS.items():
            for n in scale.sizes:
                generator = randomness.stream("rademacher", name, n, seed)
                found = complexity.rademacher(model, large[:n], generator, scale.draws, STARTS, ITERATIONS)
                rows.append(("rademacher", name, n, seed, *found[:3], None, None, None))
            for n in scale.points:
                generator = randomness.stream("shattering", name, n, seed)
                tried = shattering.shatter(model, small[:n], generator, scale.labelings, STARTS, ITERATIONS)
                rows.append(("shattering", name, n, seed, None, None, None, *tried))
        for n in scale.points:
            rows.append(("halfspaces", "linear", n, seed, *_halfspaces(small[:n], scale, seed), None, None, None))
    return pandas.DataFrame(rows, columns=_COLUMNS)


def _halfspaces(small: Tensor, scale: Scale, seed: int) -> tuple[float, None, float]:
    """Of the same draws of signs: what training finds, and what is the best there is."""
    generator = randomness.stream("halfspaces", len(small), seed)
    points = small.double() + JITTER * torch.randn(small.shape, generator=generator, dtype=torch.float64)
    signs = complexity.random_signs(scale.draws, len(points), generator)
    found = [complexity.fit(MODELS["linear"], points, sigma, generator, STARTS, ITERATIONS) for sigma in signs]
    return sum(found) / len(found), None, float(halfspaces.suprema(points.flatten(1), signs).mean())


def _thirds(stacked: Tensor) -> Tensor:
    return functional.adaptive_avg_pool2d(stacked.mean(1, keepdim=True), (1, DIMENSIONS))


def _standardized(stacked: Tensor) -> Tensor:
    """Each pixel with mean 0 and deviation 1, over all images of the seed; a pixel that is constant stays 0."""
    deviation = stacked.std(0)
    return (stacked - stacked.mean(0)) / torch.where(deviation > 0, deviation, 1)


def draw(table: pandas.DataFrame) -> Figure:
    """The panels from a table such as ``measure`` makes. ValueError, with a sentence, where seeds are missing."""
    _check(table)
    figure, (estimates, planes, shares) = style.axes(3)
    sizes, points = (sorted(table[table.part == part].n.unique().tolist()) for part in ("rademacher", "shattering"))
    for panel, part, value in (
        (estimates, "rademacher", "mean"),
        (planes, "halfspaces", "mean"),
        (shares, "shattering", "share"),
    ):
        rows = table[table.part == part].assign(run=table.seed, share=table.fitted / table.tried)
        for model, of_model in rows.groupby("model", sort=False):
            color = _COLORS[model]
            style.seeds(panel, of_model.assign(value=of_model[value].astype(float)), "n", color, "-", model)
            if part == "shattering":
                complete = of_model[of_model.complete.astype(bool)]
                panel.plot(complete.n, complete.share, "o", color=color, markersize=3)
    estimates.set(xscale="log", xlabel="images $n$", ylabel="Rademacher complexity reached", ylim=(0, 1.05))
    estimates.legend(fontsize=6.5, loc="lower left")
    exact = table[table.part == "halfspaces"].groupby("n").high.mean()
    planes.plot(exact.index, exact, color="0.3", linestyle="--", linewidth=1, label="linear, exact")
    planes.set(xscale="log", xlabel=f"points $n$ in $d={DIMENSIONS}$ dimensions", ylim=(0, 1.05))
    planes.set_ylabel("Rademacher complexity")
    planes.legend(fontsize=6.5, loc="lower left")
    cover = [shattering.separable_share(n, DIMENSIONS) for n in points]
    (count,) = shares.plot(points, cover, color="0.3", linestyle="--", linewidth=1, label="linear, Cover's count")
    shares.axvline(DIMENSIONS + 1, color="0.5", linewidth=0.8, linestyle=":")
    dimension = f"VC dimension of\nlinear: $d+1={DIMENSIONS + 1}$"
    shares.text(DIMENSIONS + 1.1, 0.05, dimension, fontsize=6.5, transform=shares.get_xaxis_transform())
    shares.set(xscale="log", xlabel=f"points $n$ in $d={DIMENSIONS}$ dimensions", ylabel="share of labelings fitted")
    shares.set(ylim=(-0.02, 1.05))
    shares.legend(handles=[count], fontsize=6.5, loc="lower left", bbox_to_anchor=(0.2, 0.14))  # colours as in (a)
    for panel, ticks in ((estimates, sizes), (planes, points), (shares, points)):
        panel.minorticks_off()
        panel.set_xticks(ticks, list(map(str, ticks)))
    return figure


def _check(table: pandas.DataFrame) -> None:
    for part in PARTS:
        check_every(table[table.part == part], ["model", "n"], f"model and n of {part}")


def shattered(table: pandas.DataFrame) -> pandas.DataFrame:
    """By model: the greatest n up to which all labelings tried were fitted, by every seed; 0 for none."""
    rows = table[table.part == "shattering"]
    whole = (rows.fitted == rows.tried).groupby([rows.model, rows.n], sort=False).all()
    complete = rows.complete.astype(bool).groupby([rows.model, rows.n], sort=False).all()
    found = {}
    for model in rows.model.unique():
        sizes = sorted(rows[rows.model == model].n.unique())
        failed = [n for n in sizes if not whole[model, n]]
        fitted = [n for n in sizes if n < min(failed, default=float("inf"))]
        found[model] = (max(fitted, default=0), max((n for n in fitted if complete[model, n]), default=0))
    return pandas.DataFrame.from_dict(found, orient="index", columns=["tried", "proved"])


def summary(table: pandas.DataFrame) -> str:
    """What was seen: the estimates at the least and greatest n, and up to which n labelings were fitted."""
    _check(table)
    lines = []
    for model, rows in table[table.part == "rademacher"].groupby("model", sort=False):
        by_n = rows.groupby("n")["mean"].mean()
        lines.append(f"{model}: Rademacher " + ", ".join(f"{value:.2f} at {n:,}" for n, value in by_n.items()))
    by_n = table[table.part == "halfspaces"].groupby("n")[["mean", "high"]].mean()
    found = ", ".join(f"{of['mean']:.2f} of {of['high']:.2f} at {n}" for n, of in by_n.iterrows())
    lines.append(f"linear, {DIMENSIONS} dimensions: trained to {found}")
    for model, (tried, proved) in shattered(table).iterrows():
        words = f"all labelings fitted up to n = {proved}, all those tried up to n = {tried}"
        lines.append(f"{model}: {words}" + (f" (VC dimension {DIMENSIONS + 1})" if model == "linear" else ""))
    return "\n".join(lines)


def describe(scale: Scale) -> list[str]:
    most = max(n for n in scale.points if 2**n <= scale.labelings)
    return [
        "train images, pixels standardized",
        f"the best of {STARTS} networks, L-BFGS",
        f"(a): {scale.pixels}x{scale.pixels} pixels, sign of one output trained on random signs",
        f"(a): {scale.draws} draws a seed, a lower bound",
        f"(b), (c): mean grey of three thirds; (b): {scale.draws} draws a seed, exact: the best of all half-spaces",
        f"(c): all labelings up to n = {most} (dots), {scale.labelings} random ones beyond",
        "(c): what isn't fitted, training did not find",
        f"{len(SEEDS)} seeds (images, signs, weights): each thin, mean thick, band from the least to the greatest",
    ]


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary)
