"""Test accuracy long after the fit of addition modulo p, by weight decay.

By weight decay accuracies, dashed of the pairs that are learned, the norm of the weights, the coherence of the
gradients of train pairs, and how much of a hidden unit's weights is one wave; then test accuracy by the share of pairs
that are learned, and the step at which it first is .9. A cross stands at the last step of a seed that never came there,
and bands go from the least to the greatest seed.
"""

from itertools import islice
from typing import NamedTuple

import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab.claims.samples import Mean, accuracies
from rotelab.errors import Refusal
from rotelab.exact import modular_addition
from rotelab.experiments.experiment import Exact
from rotelab.figures import style
from rotelab.randomness import stream
from rotelab.results.lines import check_every
from rotelab.spacing import due
from rotelab.system.threads import threads_kept

FIT, GENERALIZED = 0.99, 0.9
"""Train and test accuracy at which a network is said to fit, and to generalize."""
PER_DECADE = 20
"""Looks in each factor of ten of steps."""
SHADES = {"decay": "viridis", "fraction": "plasma"}


class Scale(NamedTuple):
    """The modulus, hidden units, weight decays at the first of the ``fractions`` of pairs that are learned, which are
    all tried at the first decay, learning rate, steps, seeds."""

    p: int
    units: int
    decays: tuple[float, ...]
    fractions: tuple[float, ...]
    rate: float
    steps: int
    seeds: int


SCALES = {
    "smoke": Scale(7, 24, (1.0, 0.0), (0.6, 0.8), 0.01, 60, 2),
    "demo": Scale(23, 128, (1.0, 0.3, 0.1, 0.0), (0.6, 0.3, 0.4, 0.5, 0.8), 0.01, 4000, 5),
    "small": Scale(31, 160, (1.0, 0.3, 0.1, 0.0), (0.6, 0.3, 0.4, 0.5, 0.8), 0.01, 4000, 3),
    "paper": Scale(97, 500, (1.0, 0.3, 0.1, 0.0), (0.5, 0.2, 0.3, 0.4, 0.7), 0.01, 20_000, 5),
}


@threads_kept(1)  # products of so small matrices wait for a second one eight times as long as they compute
def trained(
    p: int, units: int, fraction: float, decay: float, rate: float, steps: int, seeds: range
) -> pandas.DataFrame:
    """A row a seed at each look: what the network is after so many steps."""
    of = modular_addition.task(p, fraction, [stream("grokking pairs", p, seed) for seed in seeds])
    start = modular_addition.drawn(p, units, [stream("grokking weights", p, seed) for seed in seeds])
    looks = []
    for step, weights in enumerate(islice(modular_addition.descent(of.train, start, rate, decay), steps), 1):
        if step == steps or due(step, PER_DECADE):
            found = {
                "train": modular_addition.accuracy(weights, of.train),
                "test": modular_addition.accuracy(weights, of.test),
                "loss": modular_addition.loss(weights, of.train),
                "norm": modular_addition.norm(weights),
                "coherence": modular_addition.coherence(weights, of.train),
                "periodicity": modular_addition.periodicity(weights),
            }
            values = {name: value.numpy() for name, value in found.items()}
            about = {"decay": decay, "fraction": fraction, "seed": [*seeds], "step": step}
            looks.append(pandas.DataFrame(about | values))
    return pandas.concat(looks, ignore_index=True)


def measure(scale: Scale, folder: str | None) -> pandas.DataFrame:
    """A row for each weight decay, fraction, seed and look."""
    settings = [(scale.fractions[0], decay) for decay in scale.decays]
    settings += [(fraction, scale.decays[0]) for fraction in scale.fractions[1:]]
    tables = [
        trained(scale.p, scale.units, fraction, decay, scale.rate, scale.steps, range(scale.seeds))
        for fraction, decay in settings
    ]
    return pandas.concat(tables, ignore_index=True)


def describe(scale: Scale) -> list[str]:
    return [
        f"addition modulo {scale.p}, {scale.p**2:,} pairs",
        f"{scale.units} hidden units of squares, no biases",
        f"{scale.fractions[0]:.0%} of the pairs learned where nothing else is said",
        f"AdamW lr {scale.rate:g}, all pairs a step, {scale.p} times the mean squared error",
        f"{scale.steps:,} steps",
        f"{scale.seeds} seeds (pairs, weights)",
        *("dashed: the pairs learned", "cross: the last step of a seed that never came there"),
    ]


def split(table: pandas.DataFrame) -> tuple[pandas.DataFrame, pandas.DataFrame]:
    """The runs of several decays, and those of several fractions. Raises Refusal where runs are missing."""
    check_every(table, ["decay", "fraction"], "weight decay and fraction")
    most = table.decay.max()
    by_fraction = table[table.decay == most]
    main = set.intersection(*(set(of.fraction) for _, of in table.groupby("decay")))
    if table.decay.nunique() < 2 or len(main) != 1:
        raise Refusal("the figure needs several weight decays at one fraction of the pairs")
    return table[table.fraction == main.pop()], by_fraction


def when(run: pandas.DataFrame, column: str, level: float) -> int | None:
    """The first look at which one seed's accuracy is ``level`` or more; None where none is."""
    there = run[run[column] >= level]
    return None if there.empty else int(there.step.min())


def _lines(panel: Axes, of: pandas.DataFrame, column: str, by: str, words: str, linestyle: str = "-") -> None:
    values = sorted(of[by].unique(), reverse=True)
    for value, color in zip(values, style.shades(len(values), SHADES[by]), strict=True):
        label = words.format(value) if linestyle == "-" else f"_{value}"
        own = of[of[by] == value]
        style.seeds(panel, own.assign(value=own[column], run=own.seed), "step", color, linestyle, label)


def draw(table: pandas.DataFrame) -> Figure:
    """Raises Refusal where runs are missing."""
    by_decay, by_fraction = split(table)
    figure, panels = style.axes(3, width=11.0, height=6.4, rows=2)
    _lines(panels[0], by_decay, "train", "decay", "", "--")
    for panel, column in zip(panels, ("test", "norm", "coherence", "periodicity"), strict=False):
        _lines(panel, by_decay, column, "decay", "weight decay {:g}")
    _lines(panels[4], by_fraction, "test", "fraction", "{:.0%} learned")
    names = ("accuracy", "norm of the weights", "coherence r (pairs)", "share of the greatest wave", "test accuracy")
    for panel, name in zip(panels, names, strict=False):
        panel.set(xscale="log", xlabel="optimizer steps", ylabel=name)
    panels[2].set_yscale("log")
    last = panels[5]
    for _, run in by_fraction.groupby(["fraction", "seed"]):
        step, fraction = when(run, "test", GENERALIZED), run.fraction.iloc[0]
        at, mark = (run.step.max(), "x") if step is None else (step, "o")
        last.plot([fraction], [at], mark, color=style.PLAIN, markersize=4, alpha=0.7)
    last.set(yscale="log", xlabel="share of the pairs learned", ylabel=f"steps to a test accuracy of {GENERALIZED}")
    for panel in (panels[3], panels[4]):
        style.legend_below(panel, columns=3)
    return figure


def delays(of: pandas.DataFrame) -> list[tuple[int, int]]:
    """Of each seed that came to both the steps to FIT and to GENERALIZED."""
    found = ((when(run, "train", FIT), when(run, "test", GENERALIZED)) for _, run in of.groupby("seed"))
    return [(fit, test) for fit, test in found if fit is not None and test is not None]


def summary(table: pandas.DataFrame) -> str:
    """Of every setting the steps to the fit and to the test accuracy, and what the network is there and at the end."""
    texts = []
    for _, of in table.groupby(["decay", "fraction"]):
        decay, fraction = float(of.decay.iloc[0]), float(of.fraction.iloc[0])
        ends, both = of[of.step == of.step.max()], delays(of)
        text = f"decay {decay:g}, {fraction:.0%} learned: test accuracy {accuracies(ends.test).interval()} at the end"
        fits = [step for _, run in of.groupby("seed") if (step := when(run, "train", FIT)) is not None]
        text += f"; fits in {len(fits)} of {len(ends)} seeds" + (
            f", at step {min(fits)} to {max(fits)}" if fits else ""
        )
        text += f"; generalizes in {len(both)}"
        if both:
            ratio = Mean(tuple(test / fit for fit, test in both)).interval()
            text += (
                f", at step {min(test for _, test in both)} to {max(test for _, test in both)}, {ratio} times as late"
            )
        texts.append(
            f"{text}; at the end norm {ends.norm.mean():.1f}, coherence {ends.coherence.mean():.1f}, greatest wave "
            f"{ends.periodicity.mean():.2f}"
        )
    return "\n".join(texts)


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary, images=False)
