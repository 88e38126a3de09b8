"""What was drawn: the numbers and words of a figure's lines, dots and legends."""

from itertools import combinations
from typing import Any
from unittest.mock import patch

import numpy
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Bbox, BboxBase


def xs(line: Line2D) -> numpy.ndarray:
    return numpy.asarray(line.get_xdata())


def ys(line: Line2D) -> numpy.ndarray:
    return numpy.asarray(line.get_ydata())


def offsets(dots: Collection) -> numpy.ndarray:
    """A row a dot: x, y."""
    return numpy.asarray(dots.get_offsets())


def label(artist: Artist) -> str:
    """As the legend has it; what starts with ``_`` is not in there."""
    return str(artist.get_label())


def curves(panel: Axes) -> list[Line2D]:
    """All lines but that of chance."""
    return [line for line in panel.lines if label(line) != "_chance"]


def chance(panel: Axes) -> list[float]:
    """The height of its line; nothing where there is none."""
    return [float(ys(line)[0]) for line in panel.lines if label(line) == "_chance"]


def touching(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of words that lie over one another, (words, "the edge") where they are cut off, and (words, "an axis")
    where one goes through them."""
    written: dict[Text, Bbox] = {}
    draw = Text.draw

    def noted(text: Text, *arguments: Any) -> None:  # some ticks are there and never drawn
        if text.get_visible() and text.get_text().strip():
            written[text] = _box(text)
        draw(text, *arguments)

    with patch.object(Text, "draw", noted):
        figure.canvas.draw()
    edge = figure.bbox.padded(1)
    found = [(text.get_text(), "the edge") for text, box in written.items() if not _within(box, edge)]
    found += [(text.get_text(), "an axis") for text, box in written.items() if _crossed(box.padded(-1), figure.axes)]
    return found + [
        (one.get_text(), other.get_text())
        for (one, box), (other, beside) in combinations(written.items(), 2)
        if box.padded(-1).overlaps(beside.padded(-1))
    ]


def _box(text: Text) -> Bbox:
    """Without the empty lines that it begins with."""
    box = text.get_window_extent()
    lines = text.get_text().split("\n")
    empty = next(place for place, line in enumerate(lines) if line.strip())
    return Bbox.from_extents(box.x0, box.y0, box.x1, box.y1 - empty / len(lines) * box.height)


def _crossed(box: BboxBase, panels: list[Axes]) -> bool:
    """By the left or the lower side of a panel."""
    for at in (panel.bbox for panel in panels if panel.axison):
        left = box.x0 < at.x0 < box.x1 and box.y0 < at.y1 and box.y1 > at.y0
        below = box.y0 < at.y0 < box.y1 and box.x0 < at.x1 and box.x1 > at.x0
        if left or below:
            return True
    return False


def _within(box: BboxBase, edge: BboxBase) -> bool:
    return box.x0 >= edge.x0 and box.x1 <= edge.x1 and box.y0 >= edge.y0 and box.y1 <= edge.y1


def legend(panel: Axes) -> Legend:
    found = panel.get_legend()
    assert found is not None
    return found


def words(panel: Axes) -> list[str]:
    """Of the legend, line by line."""
    return [text.get_text() for text in legend(panel).get_texts()]
