"""Functions of trained networks, beside those of random ones that fit.

A dot on the left is a function that agrees with the first bit on all known inputs. On the right is the error on the
other inputs by target, a point a seed, which is another choice of known inputs.
"""

from typing import NamedTuple

import numpy
import pandas
from matplotlib.figure import Figure

from rotelab.errors import Refusal
from rotelab.exact import boolean_functions
from rotelab.experiments.experiment import Exact
from rotelab.figures import style

BITS, UNITS, KNOWN = 5, 40, 12
POINTS = boolean_functions.inputs(BITS)
TARGETS = {
    "first bit": POINTS[:, 0] > 0,
    "majority": POINTS.sum(1) > BITS / 2,
    "x1 xor x2": (POINTS[:, 0] != POINTS[:, 1]),
    "parity": POINTS.sum(1) % 2 > 0,
    "coin": numpy.random.default_rng(0).random(2**BITS) < 0.5,
}
COMPARED = "first bit"
"""The target for which functions are counted: simple enough for random weights to fit."""


class Scale(NamedTuple):
    """Trained networks a target and seed, their steps, random networks, and seeds."""

    trained: int
    steps: int
    drawn: int
    seeds: int


SCALES = {
    "smoke": Scale(40, 100, 2000, 2),
    "demo": Scale(500, 400, 100_000, 5),
    "small": Scale(2000, 1000, 1_000_000, 10),
    "paper": Scale(10_000, 1000, 10_000_000, 10),
}


def known(seed: int) -> numpy.ndarray:
    """Which inputs are trained on."""
    chosen = numpy.zeros(2**BITS, bool)
    chosen[numpy.random.default_rng([seed, 1]).permutation(2**BITS)[:KNOWN]] = True
    return chosen


def unknown_error(functions: numpy.ndarray, target: numpy.ndarray, chosen: numpy.ndarray) -> float:
    return float((functions[:, ~chosen] != target[~chosen]).mean()) if len(functions) else float("nan")


def measure(scale: Scale, _images: str | None = None) -> pandas.DataFrame:
    """A row for each target and seed, its error; and, of the target that is compared, one for each function that fits
    what is known for the first seed."""
    rows = []
    for target, labels in TARGETS.items():
        complexity = boolean_functions.complexity("".join("01"[int(value)] for value in labels))
        for seed in range(scale.seeds):
            generator, chosen = numpy.random.default_rng([seed, 2]), known(seed)
            functions, fit = boolean_functions.trained(labels, chosen, UNITS, scale.trained, scale.steps, generator)
            error = unknown_error(functions[fit], labels, chosen)
            of = {"target": target, "seed": seed, "complexity": complexity}
            rows.append({"row": "target", **of, "error": error, "fitted": float(fit.mean())})
            if target == COMPARED and seed == 0:
                rows += _both(boolean_functions.counted(functions[fit]), labels, chosen, scale.drawn)
    return pandas.DataFrame(rows)


def _both(found: dict[bytes, int], labels: numpy.ndarray, chosen: numpy.ndarray, count: int) -> list[dict]:
    """Of each function how often descent found it, and how often it was drawn among random networks that fit."""
    drawn = boolean_functions.networks(BITS, (UNITS,), count, numpy.random.default_rng(3))
    by_weights = boolean_functions.counted(drawn[(drawn[:, chosen] == labels[chosen]).all(1)])
    return [
        {
            **{"row": "function", "descent": found.get(one, 0), "random": by_weights.get(one, 0)},
            "complexity": boolean_functions.complexity(boolean_functions.unpacked(one, BITS)),
        }
        for one in sorted({*found, *by_weights})
    ]


def describe(scale: Scale) -> list[str]:
    return [
        f"{BITS} bits, {KNOWN} of {2**BITS} inputs known",
        f"one hidden layer of {UNITS} ReLUs",
        f"{scale.trained:,} networks a target and seed, {scale.steps:,} steps of descent on the logistic loss, "
        "of which those that fit count",
        f"{scale.drawn:,} random networks, of which those that fit count",
        *(f"{scale.seeds} seeds (known inputs, weights)", "dotted: (a) as often, (b) a guess"),
    ]


def draw(table: pandas.DataFrame) -> Figure:
    """Frequencies under descent over those at random, and errors. Raises Refusal where a target is missing."""
    targets, functions = table[table.row == "target"], table[table.row == "function"]
    if set(targets.target) != set(TARGETS):
        raise Refusal("the figure needs every target, and some are missing")
    figure, (both, errors) = style.axes(2)
    shares = functions[["descent", "random"]] / functions[["descent", "random"]].sum()
    seen = (functions.descent > 0) & (functions.random > 0)
    dots = both.scatter(shares.random[seen], shares.descent[seen], 8, functions.complexity[seen], cmap="viridis")
    figure.colorbar(dots, ax=both, label="complexity (bits)")
    ends = [shares[seen].min().min(), shares[seen].max().max()] if seen.any() else [0.01, 1]
    both.plot(ends, ends, color="black", linewidth=0.6, linestyle=":")
    both.set(xscale="log", yscale="log", xlabel="share of random networks that fit", ylabel="share of trained ones")
    places = {target: place for place, target in enumerate(TARGETS)}
    errors.plot(targets.error, targets.target.map(places), "o", color=style.PLAIN, markersize=4, alpha=0.6)
    errors.axvline(0.5, color="black", linewidth=0.6, linestyle=":")
    complexities = targets.groupby("target").complexity.first()
    errors.set_yticks([*places.values()], [f"{of} ({complexities[of]:.0f} bits)" for of in places])
    errors.set(xlabel="error on unknown inputs", xlim=(-0.02, 1.02))
    errors.invert_yaxis()
    return figure


def summary(table: pandas.DataFrame) -> str:
    """What was seen: errors by target, and how far both frequencies have the same order."""
    targets, functions = table[table.row == "target"], table[table.row == "function"]
    lines = [
        f"{target}: error {rows.error.mean():.2f} on unknown inputs, {rows.fitted.mean():.0%} of networks fit"
        for target, rows in targets.groupby("target", sort=False)
    ]
    seen = functions[(functions.descent > 0) & (functions.random > 0)]
    share = seen.descent.sum() / functions.descent.sum()
    lines.append(f"{len(seen)} functions come from both descent and random weights: {share:.0%} of what descent found")
    return "\n".join(lines)


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary, images=False)
"""What descent makes of weights."""
