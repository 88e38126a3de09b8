"""Activations and slopes through depth at random weights, by initialization.

Dots are means over networks, bands reach from the least to the greatest of them, dashed lines are the closed form's
mean. On the right is the spread over networks: the variance of |activations|^2 over its squared mean.
"""

from typing import NamedTuple

import numpy
import pandas
from matplotlib.figure import Figure

from rotelab.errors import Refusal
from rotelab.exact.signal_propagation import Initialization, ratios
from rotelab.experiments.experiment import Exact
from rotelab.figures import style

INITIALIZATIONS = {
    "He": Initialization(2.0),
    "Glorot": Initialization(1.0),
    "orthogonal, times 2^(1/2)": Initialization(2.0, orthogonal=True),
    "He / 4": Initialization(0.5),
    "2 He": Initialization(4.0),
}
"""By their variances; all layers are square."""
SPREADS = ("He", "orthogonal, times 2^(1/2)")
"""Of other variances the spread is the same as He's."""


class Scale(NamedTuple):
    """Width, depth, and networks."""

    width: int
    depth: int
    networks: int


SCALES = {
    "smoke": Scale(16, 6, 10),
    "demo": Scale(128, 30, 200),
    "small": Scale(256, 50, 200),
    "paper": Scale(1024, 100, 200),
}


def measure(scale: Scale, _images: str | None = None) -> pandas.DataFrame:
    """A row for each initialization, network (``seed``) and layer."""
    tables = []
    for place, (name, of) in enumerate(INITIALIZATIONS.items()):
        for seed in range(scale.networks):
            sizes, back = ratios(of, scale.width, scale.depth, numpy.random.default_rng([seed, place]))
            layer = numpy.arange(scale.depth + 1)
            own = pandas.DataFrame({"layer": layer, "forward": sizes, "backward": back})
            own["forward_closed_form"], own["backward_closed_form"] = of.gain**layer, of.gain ** layer[::-1]
            own["spread_closed_form"] = (1 + of.spread(scale.width)) ** layer - 1
            tables.append(own.assign(initialization=name, seed=seed))
    return pandas.concat(tables, ignore_index=True)


def describe(scale: Scale) -> list[str]:
    return [
        f"{scale.depth} square ReLU layers of width {scale.width:,}, no biases",
        *("a normal input, and a normal slope at the end", f"{scale.networks} networks"),
        *("dots: their means", "bands from the least to the greatest", "dashed: closed forms"),
    ]


def spreads(rows: pandas.DataFrame) -> pandas.Series:
    """By layer the variance over networks of |x|^2, over its squared expectation."""
    return (rows.forward / rows.forward_closed_form - 1).pow(2).groupby(rows.layer).mean()


def draw(table: pandas.DataFrame) -> Figure:
    """Activations, slopes and spreads over layers. Raises Refusal where there is no network."""
    if table.empty:
        raise Refusal("the figure needs at least one network")
    figure, panels = style.axes(3)
    for (name, rows), color in zip(table.groupby("initialization", sort=False), style.PALETTE, strict=False):
        by = rows.groupby("layer")
        for panel, column in zip(panels, ("forward", "backward"), strict=False):
            mean = by[column].mean()
            panel.plot(mean.index, mean, ".", color=color, markersize=4, label=str(name))
            panel.plot(mean.index, by[f"{column}_closed_form"].first(), color=color, linestyle="--", linewidth=0.8)
            panel.fill_between(mean.index, by[column].min(), by[column].max(), color=color, alpha=0.12, linewidth=0)
        if name not in SPREADS:
            continue
        found, expected = spreads(rows)[1:], by.spread_closed_form.first()[1:]
        panels[2].plot(found.index, found, ".", color=color, markersize=4, label=str(name))
        panels[2].plot(expected.index, expected, color=color, linestyle="--", linewidth=0.8)
    labels = ("|activations|^2, of 1 at the input", "|slope|^2, of 1 at the output", "spread of |activations|^2")
    for panel, label in zip(panels, labels, strict=True):
        panel.set(yscale="log", xlabel="layer", ylabel=label)
        style.legend_below(panel)
    return figure


def summary(table: pandas.DataFrame) -> str:
    """What was seen: the mean, the least and the greatest at the last layer, beside the closed form."""
    last = table[table.layer == table.layer.max()]
    first = table[table.layer == 0].groupby("initialization").backward.mean()
    return "\n".join(
        f"{name}: |activations|^2 at layer {table.layer.max()} {rows.forward.mean():.3g} ({rows.forward.min():.2g} to "
        f"{rows.forward.max():.2g}; closed form {rows.forward_closed_form.iloc[0]:.3g}), |slope|^2 at the input "
        f"{first[name]:.3g}"
        for name, rows in last.groupby("initialization", sort=False)
    )


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary, images=False)
"""What an initialization does before a step is taken."""
