"""Small pictures in SVG, each with a title that says what it shows."""

from math import isfinite

from markupsafe import Markup

from rotelab.report.page.page import fill

WIDTH, EDGE = 150, 6
"""Pixels of a picture of an interval, and of what is left beside it."""


def interval(
    mean: float, low: float, high: float, allowed: tuple[float, float], words: str, verdict: str = ""
) -> Markup:
    """An interval and its mean against what a rule allows, which is shaded; ends that are infinite lie at the edges.

    ``words`` is what it says to who can't see it, and ``verdict`` a class of its look.
    """
    points = [value for value in (mean, low, high, *allowed) if isfinite(value)]
    least, most = min(points), max(points)
    room = 0.15 * (most - least) or 0.15 * abs(most) or 1.0
    least, most = least - room, most + room

    def place(value: float) -> float:
        inside = min(max(value, least), most)
        return round(EDGE + (WIDTH - 2 * EDGE) * (inside - least) / (most - least), 1)

    ends = [place(value) for value in allowed]
    return fill(
        "interval.html",
        width=WIDTH,
        from_=ends[0],
        length=round(max(ends[1] - ends[0], 1.5), 1),
        bounds=[place(value) for value in dict.fromkeys(allowed) if isfinite(value)],
        low=place(low),
        high=place(high),
        mean=place(mean),
        words=words,
        verdict=verdict.replace(" ", "-"),
    )
