"""Epochs of Eq. (1) over Eq. (3), at equal and at best learning rates.

On the left the epochs to a train accuracy of .5 by rate, hollow the seeds that the best rates (rings) were chosen by,
filled the others, and none of a seed that did not come there; on the right how many times the epochs of plain training
the others took, at the same rate and each at its best. Right points that are lower than left ones would mean that
equal rates favour plain training.

A best rate is that of the fewest epochs, on average over the seeds from 100 on, of those at which all of them came to
the level; these seeds have no other part.
"""

from collections.abc import Sequence

import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab.errors import Refusal
from rotelab.experiments.experiment import Experiment
from rotelab.figures import style
from rotelab.plurals import plural
from rotelab.results.lines import Line, check_every, in_units, reached
from rotelab.results.record import UNITS

LEVEL = 0.5
"""The train accuracy that is read off, at which runs end."""
TUNING = 100
"""Seeds from here on choose the rates, and are not reported."""
RATE, PAIRS = "optimizer.lr", "data.pairs"
ARMS = {
    "standard": Line("plain training, Eq. (3)", {"objective": "standard", PAIRS: "as_ordered"}, style.PLAIN),
    "split": Line("gradient splitting, Eq. (1)", {"objective": "split", PAIRS: "as_ordered"}, style.MEMORIZE),
    "balanced": Line("Eq. (1), pairs of one class", {"objective": "split", PAIRS: "balanced"}, style.BOTH),
}
SPLITTING = ("split", "balanced")


def times(table: pandas.DataFrame, arm: str) -> pandas.DataFrame:
    """(rate, seed, tuning, epoch, step, images): when each run of an arm came to the level; no row where it did not.

    Refusal where the runs are none of the sweep's.
    """
    if not {RATE, PAIRS} <= {*table}:
        raise Refusal(f"the figure needs runs of sweep=learning_rates, which name {RATE} and {PAIRS}")
    check_every(table, [RATE, "objective", PAIRS], "rate and objective")
    by_rate = table.groupby(RATE)
    found = pandas.concat([reached(runs, ARMS[arm], [LEVEL]).assign(rate=rate) for rate, runs in by_rate])
    return found.assign(tuning=found.seed >= TUNING)


def best(table: pandas.DataFrame, arm: str) -> float | None:
    """The rate of an arm; None where there is none at which all seeds for tuning came to the level."""
    found, seeds = times(table, arm), table.seed[table.seed >= TUNING].nunique()
    epochs = found[found.tuning].groupby("rate").epoch.agg(["mean", "count"])
    whole = epochs[epochs["count"] == seeds]
    return None if whole.empty else float(whole["mean"].idxmin())


def at(table: pandas.DataFrame, arm: str, rate: float | None) -> pandas.DataFrame:
    """By seed, of those that are reported and came to the level: epoch, step and images."""
    found = times(table, arm)
    return found[~found.tuning & (found.rate == rate)].set_index("seed")


def ratios(table: pandas.DataFrame, arm: str, rate: float | None = None) -> pandas.DataFrame:
    """By reported seed, in each unit: what an arm took over what plain training took, both at a ``rate``; without one
    each at its best. None of a seed where one of them did not come to the level."""
    rates = {name: best(table, name) if rate is None else rate for name in ("standard", arm)}
    plain, split = (at(table, name, rates[name]) for name in ("standard", arm))
    found = {unit: (split[column] / plain[column]).dropna() for unit, column in UNITS.items()}
    return pandas.DataFrame(found)


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Epochs to the level by rate, and ratios at equal and at best rates. Refusal where runs are missing."""
    figure, (epochs, quotients) = style.axes(2, height=4.0)
    for shift, (arm, line) in zip((0.96, 1.0, 1.04), ARMS.items(), strict=True):
        _epochs(epochs, times(table, arm), best(table, arm), line, shift)
    rates = sorted(table[RATE].unique())
    epochs.set(xscale="log", yscale="log", xlabel="learning rate", ylabel=f"epochs to a train accuracy of {LEVEL}")
    epochs.set_xticks(rates, [f"{rate:g}" for rate in rates])
    epochs.minorticks_off()
    epochs.set_xlim(0.8 * rates[0], 1.25 * rates[-1])
    for shift, arm in zip((-0.12, 0.12), SPLITTING, strict=True):
        for place, rate in enumerate([*rates, None]):
            found, color = ratios(table, arm, rate).epochs, ARMS[arm].color
            quotients.scatter([place + shift] * len(found), found, s=8, color=color, alpha=0.5, linewidths=0)
            quotients.plot([place + shift], [found.mean()], "_", color=color, markersize=14)
    quotients.axhline(1, color="black", linewidth=0.6)
    quotients.set(yscale="log", xlabel="learning rate of both", ylabel="epochs over those of plain training")
    quotients.set_xticks(range(len(rates) + 1), [*(f"{rate:g}" for rate in rates), "each its best"])
    quotients.set_xlim(-0.5, len(rates) + 0.5)
    style.legend_below(epochs, 1)
    return figure


def _epochs(panel: Axes, found: pandas.DataFrame, chosen: float | None, line: Line, shift: float) -> None:
    for tuning, fill in ((True, "none"), (False, line.color)):
        of = found[found.tuning == tuning]
        panel.scatter(of.rate * shift, of.epoch, s=10, facecolors=fill, edgecolors=line.color, linewidths=0.6)
    mean = found[~found.tuning].groupby("rate").epoch.mean()
    panel.plot(mean.index * shift, mean, color=line.color, label=line.label)
    if chosen is not None and chosen in mean.index:
        panel.plot([chosen * shift], [mean[chosen]], "o", color=line.color, markersize=11, fillstyle="none")


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """The best rates, and the ratios at each rate and at the best ones."""
    seeds = table.seed[table.seed < TUNING].nunique()
    chosen = {arm: best(table, arm) for arm in ARMS}
    texts = [
        f"{ARMS[arm].label}: {'no rate is best' if rate is None else f'best at a learning rate of {rate:g}'}"
        for arm, rate in chosen.items()
    ]
    for arm in SPLITTING:
        for rate in [*sorted(table[RATE].unique()), None]:
            found, where = ratios(table, arm, rate), "each at its best" if rate is None else f"both at {rate:g}"
            many = f"{in_units(found)} ({len(found)} of {seeds} seeds)" if len(found) else f"0 of {seeds} seeds"
            texts.append(f"{ARMS[arm].label}, {where}: {many}")
    return "\n".join(texts)


def note(table: pandas.DataFrame) -> Sequence[str]:
    tuned = table.seed[table.seed >= TUNING].nunique()
    return [
        f"{plural(table.seed.nunique() - tuned, 'seed')}, filled",
        f"{tuned} others, hollow, chose the rates: rings",
        "bars: means",
    ]


EXPERIMENT = Experiment(draw, summary, note=note)
