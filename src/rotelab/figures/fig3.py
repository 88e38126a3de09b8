"""Figure 3: a minimum half as stable has a basin 2/3 as wide, which in many dimensions no random point finds."""

import argparse
from pathlib import Path

import pandas
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab import basins, randomness
from rotelab.figures import style

SCALES = {"demo": 10**5, "small": 10**6, "paper": 10**7}
"""Points drawn per dimension and seed. The paper has only the analytic ratio; sampling it is ours."""

DIMENSIONS = (1, 2, 3, 5, 8, 10, 15, 20, 25, 30, 35, 40, 50)
SEEDS = (0, 1, 2)
COLORS = {"a": style.MEMORIZE, "b": style.PLAIN}


def estimates(points: int) -> pandas.DataFrame:
    """A row per dimension and seed: the points drawn, those in a and in b, a/b with its 95 % interval, and (2/3)^n."""
    rows = []
    for dimension in DIMENSIONS:
        for seed in SEEDS:
            hits = basins.sample(dimension, points, randomness.stream("basins", seed, dimension))
            rows.append((dimension, seed, points, *hits, *basins.estimate(*hits), 10 ** basins.log10_ratio(dimension)))
    columns = ["dimension", "seed", "points", "in_a", "in_b", *basins.Estimate._fields, "analytic"]
    return pandas.DataFrame(rows, columns=columns)


def pooled(table: pandas.DataFrame) -> pandas.DataFrame:
    """The seeds' hits together, by dimension. ValueError where a dimension lacks a seed that another has."""
    if table.empty or (table.groupby("dimension").seed.nunique() != table.seed.nunique()).any():
        raise ValueError("Figure 3 needs the same seeds in every dimension, and some are missing")
    hits = table.groupby("dimension")[["points", "in_a", "in_b"]].sum()
    found = [basins.estimate(int(a), int(b)) for a, b in zip(hits.in_a, hits.in_b, strict=True)]
    analytic = [10 ** basins.log10_ratio(dimension) for dimension in hits.index]
    return hits.join(pandas.DataFrame(found, index=hits.index)).assign(analytic=analytic)


def draw(estimates: pandas.DataFrame, caption: str = "") -> Figure:
    """Both panels from a table such as ``estimates`` makes; ``caption`` says of how many points."""
    together = pooled(estimates)
    figure, (picture, ratios) = style.axes(2)
    _picture(picture)
    _ratios(ratios, estimates, together)
    figure.suptitle(caption, fontsize=7)
    return figure


def _picture(panel: Axes) -> None:
    x = torch.linspace(-1, 11, 1201)
    for name, color in COLORS.items():
        centre, stable, width = basins.CENTRE[name], basins.STABLE[name], basins.WIDTH[name]
        within = x[(x - centre).abs() <= width / 2]
        panel.plot(within, basins.loss(within[:, None], name), color=color)
        panel.fill_between(within, basins.loss(within[:, None], name), 1, color=color, alpha=0.12, linewidth=0)
        panel.text(centre, 0.5, f"${name}$", color=color, fontsize=14, ha="center", va="center")
        edges = [centre - width / 2, centre - stable / 2, centre + stable / 2, centre + width / 2]
        for words, left, right in zip(("$m$", f"$s_{name}={stable:g}$", "$m$"), edges, edges[1:], strict=False):
            _width(panel, words, left, right, -0.12, color)
        _width(panel, f"$s_{name}+2m={width:g}$", edges[0], edges[-1], -0.34, color)
    for outside in (x[x <= 0], x[x >= basins.WIDTH["a"] + basins.WIDTH["b"]]):
        panel.plot(outside, torch.ones_like(outside), color="0.5")
    panel.grid(False)
    panel.set(xlabel="the one parameter, in units of $m$", ylabel="loss, in units of its plateau")
    panel.set(xlim=(-1, 11), ylim=(-0.5, 1.1), xticks=range(0, 11, 2), yticks=(0, 0.5, 1))


def _width(panel: Axes, words: str, left: float, right: float, y: float, color: str) -> None:
    arrow = {"arrowstyle": "<->", "color": color, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 7}
    panel.annotate("", (left, y), (right, y), arrowprops=arrow)
    panel.text((left + right) / 2, y - 0.02, words, color=color, fontsize=7.5, ha="center", va="top")


def _ratios(panel: Axes, estimates: pandas.DataFrame, together: pandas.DataFrame) -> None:
    panel.plot(together.index, together.analytic, color="0.3", linestyle="--", linewidth=1, label="$(2/3)^n$, analytic")
    for _, run in estimates[estimates.in_a > 0].groupby("seed"):
        panel.plot(run.dimension, run.ratio, color=style.MEMORIZE, linewidth=0.5, alpha=0.5)
    hit, never = together[together.in_a > 0], together[together.in_a == 0]
    bars = {"color": style.MEMORIZE, "linestyle": "none", "elinewidth": 1, "capsize": 2}
    name = f"Monte Carlo, {estimates.seed.nunique()} seeds together (single: thin), 95 %"
    panel.errorbar(
        hit.index, hit.ratio, (hit.ratio - hit.low, hit.high - hit.ratio), marker="o", markersize=3, label=name, **bars
    )
    if len(never):
        label = "$a$ never hit: no more than this, 95 %"
        panel.errorbar(never.index, never.high, 0.7 * never.high, uplims=True, label=label, **bars)
    end = basins.reach(int(together.in_b.mean()))
    panel.axvline(end, color="0.5", linewidth=0.8, linestyle=":")
    panel.annotate(
        f"sampling ends at {end:.0f} dimensions:\nbeyond, less than one hit of $a$ is expected",
        (end, 0.02), (-4, 0), xycoords=("data", "axes fraction"), textcoords="offset points", fontsize=6.5, ha="right",
    )  # fmt: skip
    panel.text(
        0.02, 0.2, _thousand("$(2/3)^{{1000}}=1/({:.2f}\\cdot10^{{{}}})$"), fontsize=8, transform=panel.transAxes
    )
    panel.set(yscale="log", xlabel="dimensions $n$", ylabel="volume of basin $a$ / volume of basin $b$", xlim=(0, None))
    panel.legend(fontsize=6.5, loc="upper right")


def _thousand(words: str) -> str:
    power, digits = divmod(-basins.log10_ratio(1000), 1)
    return words.format(10**digits, int(power))


def summary(estimates: pandas.DataFrame) -> str:
    """What was seen, in a few lines."""
    together = pooled(estimates)
    hit, never = together[together.in_a > 0], together[together.in_a == 0]
    apart = hit[(hit.analytic < hit.low) | (hit.analytic > hit.high)]
    outside = f"; outside at {', '.join(map(str, apart.index))}" if len(apart) else ""
    return "\n".join(
        (
            f"(2/3)^n lies in the 95 % interval in {len(hit) - len(apart)} of {len(hit)} dimensions with hits{outside}",
            f"first dimension where no seed hits a: {never.index[0] if len(never) else 'none'}",
            f"less than one hit is expected beyond {basins.reach(int(together.in_b.mean())):.1f} dimensions",
            _thousand("(2/3)^1000 = 1/{:.2f}e{}, the paper's 1/1.2e176"),
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", choices=SCALES, default="demo", help="how many points: 1e5, 1e6 or 1e7")
    parser.add_argument(
        "--out", type=Path, help="where to write fig3.png, .pdf and .csv (default: multirun/fig3-SCALE)"
    )
    options = parser.parse_args()
    out = options.out or Path("multirun") / f"fig3-{options.scale}"
    points = SCALES[options.scale]
    table = estimates(points)
    paths = style.save(
        draw(table, f"{points:,} points per dimension and seed, uniform in the box around both"), out, "fig3"
    )
    table.to_csv(out / "fig3.csv", index=False)
    print(summary(table))
    print("the picture:", ", ".join(map(str, paths)))


if __name__ == "__main__":
    main()
