"""How every figure looks: readable in print, in grey and by colour-blind readers."""

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import matplotlib

matplotlib.use("Agg")  # figures are files; no window, no display

import matplotlib.pyplot as plt
import numpy
import pandas
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.container import Container
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.ticker import LogFormatter, LogLocator, MaxNLocator, NullFormatter, StrMethodFormatter
from PIL import Image

from rotelab.plurals import plural
from rotelab.results import lines

DPI = 150
PLAIN, MEMORIZE, BOTH, NOISE = "#0072B2", "#D55E00", "#009E73", "#555555"
"""Blue for learning, vermillion for memorizing, green for the ratio of both, grey for noise.

Of Okabe and Ito's palette, told apart with any colour vision.
"""

PALETTE = (PLAIN, MEMORIZE, BOTH, "#CC79A7", "#E69F00", "#56B4E9", NOISE)
"""Theirs, for lines that mean anything; without yellow, which white swallows."""

LETTER = 22.0
"""Points from the left of a panel to what stands beside its letter."""
TITLE, SMALL = 8.0, 6.5
"""Points, of what a figure shows, and of the settings of its runs."""
HANDLE = 38.0
"""Points that the line of a legend takes before its words: long enough for dashes on both sides of a mark."""
BELOW = "below"
"""Legends that stand below their panels."""

plt.rcParams.update(
    {
        "figure.dpi": DPI,
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.25,
        "grid.linewidth": 0.5,
        "legend.frameon": False,
        "legend.handlelength": 3.2,
        "lines.linewidth": 1.6,
        "svg.hashsalt": "rotelab",
        "pdf.fonttype": 42,
    }
)


def axes(columns: int, width: float = 9.0, height: float = 3.6, rows: int = 1) -> tuple[Figure, list[Axes]]:
    """A figure of so many panels, of several lettered a, b, ... row by row; sizes in inches."""
    figure, panels = plt.subplots(rows, columns, figsize=(width, height), layout="constrained", squeeze=False)
    for letter, panel in zip("abcdefgh" if panels.size > 1 else "", panels.flat, strict=False):
        panel.set_title(f"({letter})", loc="left", fontweight="bold")
    return figure, list(panels.flat)


def seeds(panel: Axes, runs: pandas.DataFrame, x: str, color: str, linestyle: str, label: str) -> None:
    """Single runs as thin lines, their mean and the band between the least and the greatest of them; one run is a line.

    ``runs`` has a row per ``run`` and ``x``. A run that stopped early ends where it stopped; mean and band go on as
    long as all runs do.
    """
    wide = runs.pivot(index=x, columns="run", values="value")
    together = wide.dropna()
    panel.plot(together.index, together.mean(axis=1), color=color, linestyle=linestyle, label=label)
    if wide.shape[1] == 1:
        return
    panel.plot(wide.index, wide, color=color, linestyle=linestyle, linewidth=0.5, alpha=0.35)
    panel.fill_between(together.index, together.min(axis=1), together.max(axis=1), color=color, alpha=0.12, linewidth=0)


def deaths(panel: Axes, runs: pandas.DataFrame, x: str, color: str) -> None:
    """A cross at the end of each of the ``runs`` that is dead."""
    dead = runs[runs.dead_since.notna()]
    ends = dead[dead[x] == dead.groupby("run")[x].transform("max")]
    if len(ends):
        panel.plot(ends[x], ends.value, "x", color=color, markersize=6)


def note(panel: Axes, text: str, at: tuple[float, float], line: int = 0) -> None:
    """A few small words above a point: so many lines higher, where several points may lie side by side."""
    panel.annotate(text, at, (0, 5 + 7 * line), textcoords="offset points", fontsize=6, ha="center")


def chance(panel: Axes, value: float | None, words: str = "chance") -> None:
    """A dotted line where a guess would be; none where that is not known."""
    if value is not None:
        panel.axhline(value, color="0.4", linestyle=(0, (1, 2)), linewidth=0.8, zorder=1, label="_chance")
        panel.annotate(words, (1, value), (3, 0), ("axes fraction", "data"), "offset points", fontsize=6, va="center")


def caption(figure: Figure, shows: str, *settings: Sequence[str]) -> None:
    """What the figure shows, above all panels; below them and smaller, each from a new line, lists of ``settings``.

    Lines fit the figure, which grows by their height; those of settings end between two items. A ``$`` is no formula.
    """
    width = 0.95 * 72 * figure.get_figwidth() - 12  # points; letters on a grid of pixels are a little wider
    above = _lines(shows.split(), " ", width, TITLE)
    below = [line for items in settings for line in _lines(items, " \N{MIDDLE DOT} ", width, SMALL)]
    _say_where_nothing_is(figure)
    _beside_letters(figure)
    _few_ticks(figure)
    legend = _one_legend(figure)
    kept = [""] * legend + below  # a figure's own legend gets no place from the layout
    figure.set_figheight(figure.get_figheight() + 1.3 / 72 * (TITLE * len(above) + SMALL * len(below)))
    figure.suptitle(_plain(above), fontsize=TITLE)
    if kept:
        figure.supxlabel(_plain(kept) or " ", fontsize=SMALL, x=6 / (72 * figure.get_figwidth()), ha="left")
    for made in figure.legends:
        made.set_bbox_to_anchor((0.5, 1.3 * SMALL * len(below) / (72 * figure.get_figheight())))
    figure.draw_without_rendering()  # in their new places panels have other ticks, whose width the next layout knows


def _lines(items: Sequence[str], between: str, width: float, size: float) -> list[str]:
    """Whole items, as many as fit into each line; one that is wider than a line by itself is broken between words."""
    lines: list[str] = []
    for item in items:
        if lines and _width(f"{lines[-1]}{between}{item}", size) <= width:
            lines[-1] += f"{between}{item}"
        elif (wide := _width(item, size)) <= width:
            lines.append(item)
        else:
            lines += textwrap.wrap(item, int(0.9 * len(item) * width / wide))
    return lines


def _width(text: str, size: float) -> float:
    """In points."""
    return text_to_path.get_text_width_height_descent(text, FontProperties(size=size), ismath=False)[0]


def _plain(lines: Sequence[str]) -> str:
    return "\n".join(lines).replace("$", r"\$")


def seeds_note(table: pandas.DataFrame) -> list[str]:
    """How curves of several seeds are read, an item each; what one seed says has no band."""
    count = table.seed.nunique()
    note = ["one seed: nothing says how far another would lie from it"]
    if count > 1:
        note = [
            f"{count} seeds{lines.over(table)}",
            "single runs thin, their mean thick",
            "band from the least to the greatest",
        ]
    runs = table.groupby("run").dead_since.first()
    if dead := int(runs.notna().sum()):
        note.append(
            f"{dead} of {plural(len(runs), 'run')} died (one class, no gradient left): a cross ends "
            + ("its curve" if dead == 1 else "their curves")
        )
    return note


def shades(count: int, name: str | matplotlib.colors.Colormap = "viridis") -> list[str]:
    """So many colours in order, from dark to light, none of them too light to be seen on white."""
    return [matplotlib.colors.to_hex(plt.get_cmap(name)(0.85 * i / max(1, count - 1))) for i in range(count)]


def _say_where_nothing_is(figure: Figure) -> None:
    for panel in figure.axes:
        if panel.axison and _bare(panel):
            panel.annotate("nothing to show", (0.5, 0.5), xycoords="axes fraction", fontsize=SMALL, ha="center")


def _bare(panel: Axes) -> bool:
    """Whether nothing has a place in a panel: lines across the whole of it have none."""
    lines = [line for line in panel.lines if line.get_transform() == panel.transData]
    placed = any(numpy.isfinite(numpy.asarray(line.get_xydata(), float)).all(1).any() for line in lines)
    dots = any(numpy.size(of.get_offsets()) for of in panel.collections)
    return not (placed or dots or panel.patches or panel.images or panel.tables or panel.texts)


def _beside_letters(figure: Figure) -> None:
    """What a panel shows stands to the right of its letter, in as many lines as it takes."""
    for panel in figure.axes:
        text, place = panel.get_title(), panel.get_subplotspec()
        if text and place and panel.get_title("left"):
            size = float(panel.title.get_fontsize())
            width = 0.7 * 72 * figure.get_figwidth() / place.get_gridspec().ncols - LETTER
            lines = "\n".join(_lines(text.split(), " ", width, size))
            panel.set_title("")
            panel.annotate(lines, (0, 1), (LETTER, 5), "axes fraction", "offset points", fontsize=size, va="bottom")


def _few_ticks(figure: Figure) -> None:
    """Round numbers on a logarithmic axis of less than two decades, on which powers of ten are too few."""
    for panel in figure.axes:
        for name in ("xaxis", "yaxis"):
            least, most = sorted(getattr(panel, name).get_view_interval())
            for axis in (getattr(of, name) for of in (panel, *panel.child_axes)):
                logarithmic = axis.get_scale() in ("log", "functionlog") and isinstance(
                    axis.get_major_formatter(), LogFormatter
                )
                if logarithmic and most < 100 * least:
                    few = MaxNLocator(4, steps=[1, 2, 5, 10]) if most < 5 * least else LogLocator(subs=(1, 2, 5))
                    axis.set_major_locator(few)
                    axis.set_major_formatter(StrMethodFormatter("{x:,g}"))
                    axis.set_minor_formatter(NullFormatter())


def _one_legend(figure: Figure) -> int:
    """Below all panels that have a legend below them, one for all: so many lines of settings high. None where panels
    mean different things by the same words."""
    panels = [panel for panel in figure.axes if (legend := panel.get_legend()) and legend.get_gid() == BELOW]
    found: dict[str, Artist | Container] = {}
    for panel in panels:
        for handle, label in zip(*panel.get_legend_handles_labels(), strict=True):
            if _look(found.setdefault(label, handle)) != _look(handle):
                return 0
    if len(panels) < 2:
        return 0
    for panel in panels:
        panel.legend([]).remove()
    widest = max(_width(label, SMALL) for label in found) + HANDLE
    columns = min(4, len(found), max(1, int(72 * figure.get_figwidth() / widest)))
    handles = cast(list[Artist], list(found.values()))  # matplotlib's types know no containers there
    figure.legend(handles, list(found), fontsize=SMALL, loc="lower center", ncols=columns)
    return 1 + -(-len(found) // columns)


def _look(handle: Artist | Container) -> tuple[str, ...]:
    """What tells a legend's lines and marks apart; bars and errors are several artists, of which the first counts."""
    artists = handle.get_children() if isinstance(handle, Container) else [handle]
    has = artists[0].properties() if artists else {}
    return tuple(str(has.get(name)) for name in ("color", "facecolor", "linestyle", "marker"))


def counted(panel: Axes) -> None:
    """Ticks of whole epochs or steps: 1, 2, 5, 10, ... where the axis is logarithmic, and of many decades 1, 10, ..."""
    if panel.get_xscale() == "log":
        least, most = panel.get_xlim()
        panel.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if most < 500 * least else (1,)))
        panel.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        panel.xaxis.set_minor_formatter(NullFormatter())
    else:
        panel.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))


def legend_below(panel: Axes, columns: int = 2) -> None:
    """A legend that never covers a curve; none where nothing has a label."""
    if panel.get_legend_handles_labels()[1]:
        panel.legend(fontsize=SMALL, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=columns).set_gid(BELOW)


def save(figure: Figure, folder: Path, name: str, kinds: Sequence[str] = ("png", "pdf")) -> list[Path]:
    """``name``.png and ``name``.pdf in ``folder``; the same figure gives the same bytes.

    A PNG without images in it has 256 colours, which makes a third of its bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.{kind}" for kind in kinds]
    for path in paths:
        figure.savefig(path, dpi=DPI, metadata={"CreationDate": None} if path.suffix == ".pdf" else None)
        if path.suffix == ".png" and not any(panel.images for panel in figure.axes):
            with Image.open(path) as whole:
                few = whole.convert("RGB").quantize(256, dither=Image.Dither.NONE)
            few.save(path, optimize=True, dpi=(DPI, DPI))
    plt.close(figure)
    return paths
