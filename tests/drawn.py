"""What was drawn: the numbers and words of a figure's lines, dots and legends."""

import numpy
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.legend import Legend
from matplotlib.lines import Line2D


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


def legend(panel: Axes) -> Legend:
    found = panel.get_legend()
    assert found is not None
    return found


def words(panel: Axes) -> list[str]:
    """Of the legend, line by line."""
    return [text.get_text() for text in legend(panel).get_texts()]
