"""Figure 3: how often random points find the narrower of two basins.

On the left a loss with two basins, b wider than a; on the right how much rarer random points fall into a than into b,
by dimension. The dashed line is the paper's (2/3)^n; where no point was found in a, an arrow marks the bound of 95 %.
"""

from typing import Any

import pandas
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab import randomness
from rotelab.exact import basins
from rotelab.experiments.experiment import Exact
from rotelab.figures import style
from rotelab.results.lines import check_every

SCALES = {"smoke": 10**3, "demo": 10**5, "small": 10**6, "paper": 10**7}
"""Points per dimension and seed: the paper itself draws none."""
DIMENSIONS = (1, 2, 3, 5, 8, 10, 15, 20, 25, 30, 35, 40, 50)
SEEDS = (0, 1, 2)


def count(points: int) -> pandas.DataFrame:
    """A row per dimension and seed: the points drawn, those in a and in b, a/b with its 95 % interval, and (2/3)^n."""
    rows = []
    for dimension in DIMENSIONS:
        for seed in SEEDS:
            hits = basins.sample(dimension, points, randomness.stream("basins", seed, dimension))
            rows.append((dimension, seed, points, *hits, *basins.estimate(*hits), 10 ** basins.log10_ratio(dimension)))
    columns = ["dimension", "seed", "points", "in_a", "in_b", *basins.Estimate._fields, "analytic"]
    return pandas.DataFrame(rows, columns=columns)


def pooled(estimates: pandas.DataFrame) -> pandas.DataFrame:
    """The seeds' hits together, by dimension. ValueError where a dimension lacks a seed that another has."""
    check_every(estimates, ["dimension"], "dimension")
    hits = estimates.groupby("dimension").agg({"in_a": "sum", "in_b": "sum", "analytic": "first"})
    found = [basins.estimate(int(a), int(b)) for a, b in zip(hits.in_a, hits.in_b, strict=True)]
    return hits.join(pandas.DataFrame(found, index=hits.index))


def draw(estimates: pandas.DataFrame) -> Figure:
    """Both panels from a table such as ``count`` makes. Raises Refusal, with a sentence, where seeds are missing."""
    together = pooled(estimates)
    figure, (picture, ratios) = style.axes(2)
    _basin(picture, "a", style.MEMORIZE)
    _basin(picture, "b", style.PLAIN)
    picture.hlines((1, 1), (-1, 10), (0, 11), color="0.5")
    picture.set(xlabel="the parameter, in units of $m$", ylabel="loss / plateau")
    picture.set(xlim=(-1, 11), ylim=(-0.5, 1.1), xticks=range(0, 11, 2), yticks=(0, 0.5, 1))
    _ratios(ratios, estimates, together)
    return figure


def _basin(panel: Axes, name: str, color: str) -> None:
    centre, inner, outer = basins.CENTRE[name], basins.STABLE[name] / 2, basins.WIDTH[name] / 2
    x = torch.linspace(centre - outer, centre + outer, 601)
    loss = basins.loss(x[:, None], name)
    panel.plot(x, loss, color=color)
    panel.fill_between(x, loss, 1, color=color, alpha=0.12, linewidth=0)
    panel.text(centre, 0.5, f"${name}$", color=color, fontsize=14, ha="center", va="center")
    widths = [(-outer, -inner, -0.12, "$m$"), (-inner, inner, -0.12, f"$s_{name}={2 * inner:g}$")]
    widths += [(inner, outer, -0.12, "$m$"), (-outer, outer, -0.32, f"$s_{name}+2m={2 * outer:g}$")]
    arrow = {"arrowstyle": "<->", "color": color, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 7}
    for left, right, y, words in widths:
        panel.annotate("", (centre + left, y), (centre + right, y), arrowprops=arrow)
        panel.text(centre + (left + right) / 2, y - 0.02, words, color=color, fontsize=7.5, ha="center", va="top")


def _ratios(panel: Axes, estimates: pandas.DataFrame, together: pandas.DataFrame) -> None:
    seeds, end = estimates.pivot(index="dimension", columns="seed", values="ratio"), basins.reach(together.in_b.mean())
    panel.plot(together.analytic, color="0.3", linestyle="--", linewidth=1, label="$(2/3)^n$, analytic")
    panel.plot(seeds.where(seeds > 0), color=style.MEMORIZE, linewidth=0.5, alpha=0.5)  # a line ends where a is not hit
    hit, never = together[together.in_a > 0], together[together.in_a == 0]
    bars: dict[str, Any] = {
        "color": style.MEMORIZE,
        "linestyle": "none",
        "elinewidth": 1,
        "capsize": 2,
        "markersize": 3,
    }
    name = f"random points, {seeds.shape[1]} seeds together (thin: each), 95 %"
    panel.errorbar(hit.index, hit.ratio, (hit.ratio - hit.low, hit.high - hit.ratio), marker="o", label=name, **bars)
    if len(never):
        panel.errorbar(never.index, never.high, 0.7 * never.high, uplims=True, label="none in $a$: bound, 95 %", **bars)
    panel.axvline(end, ymax=0.8, color="0.5", linewidth=0.8, linestyle=":")
    ends = f"dotted: {end:.1f} dimensions, beyond which\nfewer than one hit of $a$ is expected"
    panel.text(0.02, 0.02, ends, fontsize=6.5, transform=panel.transAxes)
    power = basins.log10_ratio(1000)
    thousand = f"in the paper's 1000 dimensions:\n$(2/3)^{{1000}}=10^{{{power:.2f}}}=1/(1.2\\cdot10^{{176}})$"
    panel.text(0.02, 0.2, thousand, fontsize=7.5, transform=panel.transAxes)
    panel.set(yscale="log", xlabel="dimensions $n$", ylabel="volume of basin $a$ / volume of basin $b$", xlim=(0, None))
    panel.legend(fontsize=6.5, loc="upper right")


def summary(estimates: pandas.DataFrame) -> str:
    """What was seen, in a few lines: where random points agree with (2/3)^n, and up to where they can."""
    together = pooled(estimates)
    hit, never = together[together.in_a > 0], together[together.in_a == 0]
    agree, log10 = hit.analytic.between(hit.low, hit.high), basins.log10_ratio(1000)
    lines = [f"(2/3)^n is in the 95 % interval in {agree.sum()} of the {len(hit)} dimensions in which a is hit"]
    lines += [f"it is outside in dimension {dimension}" for dimension in hit.index[~agree]]
    lines += [f"first dimension in which a is not hit: {dimension}" for dimension in never.index[:1]]
    lines += [f"fewer than one hit of a is expected beyond {basins.reach(together.in_b.mean()):.1f} dimensions"]
    lines += [f"(2/3)^1000 = 10^{log10:.2f} = 1/{10 ** (-log10 - 176):.2f}e176; the paper says 1/1.2e176"]
    return "\n".join(lines)


def measure(points: int, _images: str | None = None) -> pandas.DataFrame:
    return count(points)


def describe(points: int) -> list[str]:
    return [f"{points:,} points per dimension and seed, uniform in the box around both basins"]


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary, images=False)
