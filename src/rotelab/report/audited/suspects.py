"""Labels that deserve a look, and how far to trust the list."""

import numpy
from markupsafe import Markup

from rotelab.audit import calibration
from rotelab.audit.audit import Audit
from rotelab.claims.verdicts import Interval
from rotelab.report.audited import pictures
from rotelab.report.audited.pictures import percent
from rotelab.report.page.page import fill
from rotelab.report.page.table import Column, Value, table
from rotelab.report.page.thumbnails import thumbnails

SHOWN = 48
"""Of the most suspicious."""


def contents(audit: Audit) -> Markup:
    order = numpy.argsort(-audit.suspects.suspicion, kind="stable")[:SHOWN]
    return fill(
        "audit_suspects.html",
        sentence=sentence(audit),
        trust=trust(audit),
        left_out=len(audit.images) - len(audit.suspects.numbers),
        found=_found(audit),
        planted=int(audit.suspects.plantings[0].wrong.sum()),
        pictures=thumbnails(pictures.of_suspects(audit, order)),
    )


def sentence(audit: Audit) -> str:
    at = calibration.share_of_wrong(audit.suspects.plantings)
    first = (
        f"Hardly any of the labels look wrong: {percent(at.high)} at most."
        if at.mean < 0.001
        else f"About {percent(at.mean)} of the labels may be wrong ({percent(at.low)} to {percent(at.high)}). Rather "
        "fewer than more: right labels of unusual images look like wrong ones."
    )
    return f"{first} Look at the images below first."


def trust(audit: Audit) -> str:
    """By what was planted, the harder kind of it first."""
    found = sorted(audit.suspects.plantings, key=lambda planted: planted.recall(0.1).mean)
    count = round(0.1 * len(audit.suspects.numbers))
    said = " and ".join(f"{of.recall(0.1).mean:.0%} of those with {of.words}" for of in found)
    best = max(of.auc for of in found)
    doubt = (
        " So the list is hardly better than chance: these networks have not learned to tell the classes apart."
        if best < calibration.TOLD
        else ""
    )
    return (
        f"How far to trust that: this audit gave some images a wrong label on purpose. Of these, {said} were among the "
        f"{count:,} most suspicious, a tenth of all.{doubt}"
    )


def _found(audit: Audit) -> Markup:
    plantings, total = audit.suspects.plantings, len(audit.suspects.numbers)
    columns = [Column("look at the first", True, ",d"), *(Column(f"finds, of {of.words}") for of in plantings)]
    columns.append(Column("of the list, was planted", True, ".0%"))
    rows: list[list[Value]] = []
    for share in calibration.LENGTHS:
        if count := round(share * total):
            cells = [_range(of.recall(share)) for of in plantings]
            rows.append([count, *cells, float(numpy.mean([of.precision(share) for of in plantings]))])
    return table("What the list finds of labels that were planted wrong", columns, rows)


def _range(at: Interval) -> str:
    return f"{at.mean:.0%} ({at.low:.0%} to {at.high:.0%})"
