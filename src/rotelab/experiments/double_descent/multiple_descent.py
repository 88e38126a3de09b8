"""Features of several scales: the risk against the number of points.

Lines are the limit of many points, dots drawn data, a point a seed; on the left features have two variances, on the
right three. Dotted lines are where there are as many points as features of the greater variances, and as of all.
"""

from typing import NamedTuple

import numpy
import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.optimize import minimize_scalar

from rotelab.exact import anisotropic
from rotelab.exact.spectrum import Spectrum
from rotelab.experiments.experiment import Exact
from rotelab.figures import style
from rotelab.results.lines import check_every

NOISE = 0.5
"""s; the signal is in the features of the greatest variance, of square 1 in labels."""
VARIANCES = {"two": (1.0, 1e-3), "three": (1.0, 1e-3, 1e-6)}
SHARES = {"two": (0.1, 0.9), "three": (0.03, 0.18, 0.79)}
"""Of the features, that have each variance."""
RATIOS = (0.02, 0.04, 0.07, 0.12, 0.18, 0.25, 0.4, 0.6, 0.8, 0.9, 1.15, 1.5, 2.5)
"""n / p, at which it is drawn."""
SEEDS = (0, 1, 2)


class Scale(NamedTuple):
    """Features, and draws of points a seed."""

    features: int
    draws: int


SCALES = {"smoke": Scale(100, 2), "demo": Scale(400, 5), "small": Scale(400, 40), "paper": Scale(1000, 100)}


def counts(scales: str, features: int) -> list[int]:
    """How many of the features have each variance."""
    first = [round(share * features) for share in SHARES[scales][:-1]]
    return [*first, features - sum(first)]


def spectrum(scales: str, features: int) -> tuple[Spectrum, numpy.ndarray]:
    """With b on the features of the greatest variance."""
    of = counts(scales, features)
    return Spectrum(numpy.repeat(VARIANCES[scales], of)), numpy.full(of[0], of[0] ** -0.5)


def limit(scales: str, features: int, n: int) -> float:
    """The excess risk without a ridge, for many points."""
    return anisotropic.equivalent(*spectrum(scales, features), n, NOISE).excess


def least(scales: str, features: int, n: int) -> float:
    """That with the best ridge."""
    of = spectrum(scales, features)

    def risk(log: float) -> float:
        return anisotropic.equivalent(*of, n, NOISE, float(numpy.exp(log))).excess

    return float(minimize_scalar(risk, bounds=(-20, 5), method="bounded", options={"xatol": 0.01}).fun)


def numbers(features: int, per_decade: int) -> list[int]:
    """Of points, evenly on a logarithmic axis up to 3 p, without p itself."""
    least, most = numpy.log10([max(3, 0.015 * features), 3 * features])
    spaced = numpy.logspace(least, most, round(per_decade * (most - least)))
    return sorted({round(n) for n in spaced} - {features})


def measure(scale: Scale, _images: str | None = None) -> pandas.DataFrame:
    """A row for each spectrum, n / p and seed: the mean excess risk of its draws."""
    rows = []
    for scales in VARIANCES:
        of = spectrum(scales, scale.features)
        for ratio in RATIOS:
            n = round(ratio * scale.features)
            for seed in SEEDS:
                generator = numpy.random.default_rng([seed, n])
                risks = [anisotropic.drawn(*of, n, NOISE, generator).excess for _ in range(scale.draws)]
                rows.append((scales, scale.features, n, ratio, seed, float(numpy.mean(risks))))
    return pandas.DataFrame(rows, columns=["scales", "p", "n", "ratio", "seed", "risk"])


def describe(scale: Scale) -> list[str]:
    shares = (
        ", ".join(f"{many} of variance {of:g}" for many, of in zip(counts(name, scale.features), of_name, strict=True))
        for name, of_name in VARIANCES.items()
    )
    return [
        *(f"({panel}): {words}" for panel, words in zip("ab", shares, strict=True)),
        *("signal in the greatest variance, r = 1", f"noise s = {NOISE:g}"),
        f"{len(SEEDS)} seeds of {scale.draws} draws each: their means as points",
        "dotted: as many points as features of the greater variances, and as of all",
    ]


def draw(table: pandas.DataFrame) -> Figure:
    """The risk over n, a panel for each spectrum. Raises Refusal where a seed is missing."""
    check_every(table, ["scales", "ratio"], "number of points")
    figure, panels = style.axes(2)
    for panel, (scales, rows) in zip(panels, table.groupby("scales", sort=False), strict=True):
        _risks(panel, str(scales), rows)
    panels[0].set(ylabel="excess risk")
    return figure


def _risks(panel: Axes, scales: str, rows: pandas.DataFrame) -> None:
    p = int(rows.p.iloc[0])
    at = numbers(p, 80)
    panel.plot(at, [limit(scales, p, n) for n in at], color=style.PLAIN, label="no ridge, many points")
    coarse = numbers(p, 8)
    panel.plot(coarse, [least(scales, p, n) for n in coarse], color=style.BOTH, label="the best ridge, many points")
    panel.plot(rows.n, rows.risk, ".", color=style.MEMORIZE, markersize=4, label="no ridge, drawn, a point a seed")
    for end in numpy.cumsum(counts(scales, p)):
        panel.axvline(end, color="black", linewidth=0.6, linestyle=":")
    panel.set(xscale="log", yscale="log", xlabel="n: points", ylim=(0.02, 30))
    style.legend_below(panel)


def peaks(scales: str, features: int) -> list[int]:
    """The numbers of points at which the limit is greater than on both sides."""
    at = numbers(features, 40)
    risk = [limit(scales, features, n) for n in at]
    triples = zip(at[1:], risk, risk[1:], risk[2:], strict=False)
    return [n for n, before, here, after in triples if before < here > after]


def summary(table: pandas.DataFrame) -> str:
    """What was seen: where the peaks are."""
    p = int(table.p.iloc[0])
    return "\n".join(
        f"{name} variances, of {', '.join(map(str, counts(name, p)))} features: peaks at n = "
        f"{', '.join(map(str, peaks(name, p)))}"
        for name in VARIANCES
    )


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary, images=False)
