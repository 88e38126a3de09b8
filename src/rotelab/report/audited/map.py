"""The map of the images: how sure networks are of each while they learn, and how much that changes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy
from markupsafe import Markup

from rotelab.audit.audit import Audit
from rotelab.report.audited import pictures
from rotelab.report.page.page import fill
from rotelab.report.page.thumbnails import thumbnails

POINTS = 1000
"""On the map, at most: of more images a part is drawn, always the same."""
SHOWN = 12
WIDTH, HEIGHT, EDGE = 640, 360, 44


@dataclass(frozen=True)
class Place:
    x: float
    y: float
    kind: str


def contents(audit: Audit) -> Markup:
    drawn, suspicion = audit.suspects.map, audit.suspects.suspicion
    learned = numpy.where(drawn.learned == 0, 10**6, drawn.learned)
    first = numpy.lexsort((-drawn.confidence, learned))
    last = numpy.lexsort((drawn.confidence, -numpy.where(drawn.learned == 0, -1, drawn.learned)))
    never = numpy.flatnonzero(drawn.learned == 0)
    hard = numpy.flatnonzero(drawn.hard_but_right)
    rows = [
        ("Learned first", "typical images of their class", first[: min(SHOWN, int((drawn.learned > 0).sum()))]),
        (
            "Learned last",
            "the last to be right, and right at the end",
            last[: min(SHOWN, int((drawn.learned > 1).sum()))],
        ),
        (
            "Never learned",
            "wrong to the end: labels to check first",
            never[numpy.argsort(-suspicion[never], kind="stable")],
        ),
        (
            "Hard but right",
            "slow to be learned, if at all, but networks that have not learned the image give it the same label: worth "
            "keeping",
            hard[numpy.argsort(drawn.confidence[hard], kind="stable")],
        ),
    ]
    shown = [
        (
            title,
            _of(len(places), words),
            thumbnails(pictures.of_suspects(audit, places[:SHOWN])) if len(places) else None,
        )
        for title, words, places in rows
    ]
    counts = {
        "never": int((drawn.learned == 0).sum()),
        "hard": int(drawn.hard_but_right.sum()),
        "all": len(suspicion),
    }
    size = {"width": WIDTH, "height": HEIGHT, "edge": EDGE}
    return fill("audit_map.html", places=_places(audit), rows=shown, counts=counts, **size)


def _of(count: int, words: str) -> str:
    if count <= SHOWN:
        return words
    return f"{words}; {SHOWN} of {count:,}, the others are in the table beside this page"


def _places(audit: Audit) -> Sequence[Place]:
    drawn = audit.suspects.map
    chosen = numpy.random.default_rng(0).permutation(len(drawn.confidence))[:POINTS]
    kinds = numpy.where(drawn.learned == 0, "never", numpy.where(drawn.hard_but_right, "hard", "learned"))
    return [
        Place(
            round(EDGE + (WIDTH - 2 * EDGE) * float(min(drawn.variability[i], 0.5)) / 0.5, 1),
            round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * float(drawn.confidence[i]), 1),
            str(kinds[i]),
        )
        for i in chosen
    ]
