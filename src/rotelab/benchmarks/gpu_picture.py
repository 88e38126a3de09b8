"""The picture of what ``gpu.py`` has measured."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from rotelab.figures import style

SAME = ("network", "images", "batch_size", "precision", "compile", "pad_channels", "one_pass", "graph")
"""What a case of several runs has in common with the one that it is compared with."""


def draw(table: Sequence[Mapping[str, Any]], title: str, networks: Sequence[str]) -> Figure:
    """Steps against their floors, and what stacks cost. Bars: a step; marks: the floors of operations and of bytes."""
    figure, (left, right) = style.axes(2, width=10.0, height=max(4.0, 1.2 + 0.16 * len(table)))
    singles = [row for row in table if row["bare"] is not None]
    names = [
        " ".join(
            str(word)
            for word in (
                row["network"],
                row["images"],
                row["precision"],
                f"compile={row['compile']}" if row["compile"] else "",
                "padded" if row["pad_channels"] > 1 else "",
                "one pass" if row["one_pass"] else "",
                "a graph" if row["graph"] else "",
            )
            if word
        )
        for row in singles
    ]
    places = range(len(singles))
    left.barh(places, [1000 * row["step"] for row in singles], color=style.PLAIN, alpha=0.6, label="a step")
    for floor, mark, color in (("operations_floor", "|", style.MEMORIZE), ("bytes_floor", "x", style.NOISE)):
        values = [1000 * row[floor] for row in singles]
        left.scatter(
            values, places, marker=mark, color=color, label=f"floor of its {floor.removesuffix('_floor')}", zorder=3
        )
    left.set(xscale="log" if singles else "linear", xlabel="milliseconds of a step", yticks=list(places))
    left.set_yticklabels(names, fontsize=5.5)
    left.invert_yaxis()
    style.legend_below(left, 3)
    for kind, dashes in (("runs", "-"), ("processes", "--")):
        for network, color in zip(networks, style.shades(len(networks)), strict=True):
            several = [row for row in table if row[kind] > 1 and row["network"] == network]
            if several:
                one = next((row for row in singles if all(row[key] == several[0][key] for key in SAME)), None)
                if one is None:
                    continue
                points = [(1, 1.0), *((row[kind], row["epoch"] / one["epoch"]) for row in several)]
                label = f"{network}, {'stacked' if kind == 'runs' else 'processes'}"
                right.plot(*zip(*points, strict=True), f"o{dashes}", color=color, label=label)
    counts = sorted({row[kind] for row in table for kind in ("runs", "processes")})
    right.plot(counts, counts, ":", color=style.NOISE, label="one after another")
    right.set(xscale="log", yscale="log", xlabel="runs at once", ylabel="epoch of all of them / epoch of one")
    for axis in (right.xaxis, right.yaxis):
        axis.set_ticks(counts, [str(count) for count in counts])
        axis.set_minor_locator(NullLocator())
    style.legend_below(right, 2)
    style.caption(figure, title)
    return figure
