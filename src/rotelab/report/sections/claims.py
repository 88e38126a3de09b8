"""The claims that are asked of a sweep: their rules, the intervals that were measured, and the verdicts."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter

from markupsafe import Markup

from rotelab.claims.claim import Answer
from rotelab.report import verdicts
from rotelab.report.page import picture
from rotelab.report.page.page import fill
from rotelab.report.page.table import Column, Value, table
from rotelab.report.rows import rows

COLUMNS = [Column(title) for title in ("claim", "paper", "what has to be", "verdict", "ours")]
LONG = Markup('<div class="long">{}</div>')
_HOLM = {"yes": "survives Holm", "no": "not after Holm", "": ""}


def contents(work: str, sweep: str, answers: Sequence[Answer], scale: str) -> Markup:
    """Of the ``answers`` to all claims of a work, among which verdicts are corrected, those asked of a sweep."""
    asked = {found.claim.text: found for found in answers if sweep in found.claim.sweep}
    of_claims = groupby(rows({work: answers}, scale), itemgetter("claim"))
    shown = [_row(asked[text], list(units)) for text, units in of_claims if text in asked]
    return fill("claims.html", table=table("Claims and their verdicts", COLUMNS, shown))


def _row(found: Answer, units: list[dict[str, str]]) -> list[Value]:
    claim, of = found.claim, units[0]
    return [
        fill("claim.html", claim=claim),
        LONG.format(claim.paper if claim.paper == claim.recorded else f"{claim.paper}; {claim.recorded}"),
        LONG.format(Markup("{}: <b>{}</b>").format(claim.quantity, claim.rule)),
        fill("verdict.html", verdict=found.verdict, kind=claim.kind, p=found.p, holm=_HOLM[of["holm"]]),
        fill("ours.html", units=[(verdicts.ours(unit), _picture(found, unit)) for unit in units]),
    ]


def _picture(found: Answer, unit: Mapping[str, str]) -> Markup:
    if not (at := found.intervals.get(unit["unit"])):
        return Markup()
    rule, verdict = found.claim.rule, found.claim.rule.verdict(at)
    return picture.interval(at.mean, at.low, at.high, rule.allowed, f"{at}; it has to be {rule}: {verdict}", verdict)
