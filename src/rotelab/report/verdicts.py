"""Claims and their verdicts as a table in Markdown that fits a page of 1,000 pixels, from the rows of claims.csv."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import itemgetter

from rotelab.claims.claim import NO_RECORD
from rotelab.claims.verdicts import Interval
from rotelab.plurals import plural

Row = Mapping[str, str]

HEADER = ("claim", "paper; record", "what is measured, and what it has to be", "ours", "verdict")
_WITHIN = {"yes": "survives Holm", "no": "not after Holm"}


def table(rows: Iterable[Row]) -> list[str]:
    """Its lines; a claim a row, of the rows of its units. Columns that older tables lack are left out."""
    claims = [list(of) for _, of in groupby(rows, itemgetter("claim"))]
    cells = [HEADER, ("---",) * len(HEADER), *map(_cells, claims)]
    return ["| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in cells]


def _cells(units: list[Row]) -> tuple[str, ...]:
    of = units[0]
    verdict = [f"**{of['verdict']}**"]
    if p := of.get("p"):
        verdict.append(f"p {_p(float(p))}")
    if survives := of.get("holm"):
        verdict.append(_WITHIN[survives])
    return (
        f"{of['claim']}<br>*{of['where']}*",
        of["paper"] if of["recorded"] in (of["paper"], NO_RECORD) else f"{of['paper']}; {of['recorded']}",
        f"{of['measured']}: **{of['rule']}**",
        "<br>".join(map(ours, units)),
        "<br>".join(verdict),
    )


def ours(unit: Row) -> str:
    """``epochs: 1.2 [1.1, 1.3], 3 seeds``, or why there is nothing."""
    if not unit["mean"]:
        return unit["note"]
    mean, low, high = (float(unit[name]) for name in ("mean", "low", "high"))
    number = str(Interval(mean, low, high, int(unit["seeds"])))
    named = f"{unit['unit']}: {number}" if unit["unit"] else number
    if unit.get("kind") == "exact":
        return named
    over = f", {unit['over']}" if unit.get("over") else ""
    return f"{named}, {plural(unit['seeds'], 'seed')}{over}"


def _p(value: float) -> str:
    return f"= {value:.2g}" if value >= 0.001 else "< 0.001"
