"""Noisy labels interpolated: the excess risk over points, by spectrum.

Dots are drawn data, a point a seed, the line the limit of many points, dashes the bound's terms without its constants.
Overfitting is benign where the risk goes to 0 although every noisy label is fitted; dotted is the noise itself.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy
import pandas
from matplotlib.figure import Figure

from rotelab.exact import anisotropic
from rotelab.exact.spectrum import Spectrum, bias_term, variance_term
from rotelab.experiments.experiment import Exact
from rotelab.figures import style
from rotelab.results.lines import check_every

NOISE = 0.5
"""s; the signal is r = 1, in as many parts on the first five features."""
B = numpy.full(5, 5**-0.5)
SEEDS = (0, 1, 2)
SPECTRA: dict[str, Callable[[int], Spectrum]] = {
    "exp(-i), and n^2 of 1 / n^2": lambda n: Spectrum(numpy.exp(-numpy.arange(1, 41.0)) + n**-2.0, n**-2.0, n**2),
    "i^-2, 10 n of them": lambda n: Spectrum(numpy.arange(1, 10 * n + 1.0) ** -2),
    "2 n of 1": lambda n: Spectrum(numpy.ones(5), 1.0, 2 * n - 5),
}
"""By the number of points n: the first is benign, the others are not (Theorem 6)."""


class Scale(NamedTuple):
    """Numbers of points, and draws a seed."""

    points: tuple[int, ...]
    draws: int


SCALES = {
    "smoke": Scale((20, 40, 80), 2),
    "demo": Scale((20, 40, 80, 160, 320), 5),
    "small": Scale((20, 40, 80, 160, 320, 640), 20),
    "paper": Scale((20, 40, 80, 160, 320, 640, 1280), 50),
}


def limit(name: str, n: int) -> float:
    """The excess risk of many points, at this n."""
    return anisotropic.equivalent(SPECTRA[name](n), B, n, NOISE).excess


def bound(name: str, n: int) -> float:
    """The terms of noise and of signal, added, without their constants; infinite where there is no k*."""
    of = SPECTRA[name](n)
    return variance_term(of, n, NOISE) + bias_term(of, B, n)


def measure(scale: Scale, _images: str | None = None) -> pandas.DataFrame:
    """A row for each spectrum, n and seed: the mean excess risk of its draws, its limit, and the bound's terms."""
    rows = []
    for name, of in SPECTRA.items():
        for n in scale.points:
            for seed in SEEDS:
                generator = numpy.random.default_rng([seed, n])
                risks = [anisotropic.drawn(of(n), B, n, NOISE, generator).excess for _ in range(scale.draws)]
                rows.append((name, n, seed, float(numpy.mean(risks)), limit(name, n), bound(name, n)))
    return pandas.DataFrame(rows, columns=["spectrum", "n", "seed", "risk", "limit", "bound"])


def describe(scale: Scale) -> list[str]:
    return [
        *("least squares of least norm, which fits every label", "signal r = 1, on five features"),
        f"noise s = {NOISE:g}",
        f"{len(SEEDS)} seeds of {scale.draws} draws of points each: their means as points",
        *("dashed: the bound's terms without its constants", "dotted: the noise, s^2"),
    ]


def draw(table: pandas.DataFrame) -> Figure:
    """The risk over n. Raises Refusal where a seed is missing."""
    check_every(table, ["spectrum", "n"], "spectrum and number of points")
    figure, (panel,) = style.axes(1, width=6.0)
    for (name, rows), color in zip(
        table.groupby("spectrum", sort=False), (style.PLAIN, style.MEMORIZE, style.BOTH), strict=True
    ):
        once = rows.drop_duplicates("n")
        panel.plot(once.n, once.limit, color=color, label=str(name))
        panel.plot(once.n, once.bound, color=color, linestyle="--", linewidth=0.8)
        panel.plot(rows.n, rows.risk, ".", color=color, markersize=5)
    panel.axhline(NOISE**2, color="black", linewidth=0.8, linestyle=":")
    panel.set(xscale="log", yscale="log", xlabel="n: points", ylabel="excess risk")
    style.counted(panel)
    style.legend_below(panel, 3)
    return figure


def summary(table: pandas.DataFrame) -> str:
    """What was seen: of each spectrum the risk at the fewest and at the most points."""
    lines = []
    for name, rows in table.groupby("spectrum", sort=False):
        means = rows.groupby("n")[["risk", "limit", "bound"]].mean()
        told = (
            f"{row.risk:.3g} at n = {n} (limit {row.limit:.3g}, bound {row.bound:.3g})" for n, row in means.iterrows()
        )
        first, *_, last = told
        lines.append(f"{name}: excess risk {first}, {last}")
    return "\n".join(lines)


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary, images=False)
