"""The table beside the page: a row an image."""

import csv
import io
from collections import defaultdict

import numpy

from rotelab.audit.audit import Audit

COLUMNS = (
    *("file", "split", "label", "suspicion", "says", "p_says", "p_label"),
    *("confidence", "variability", "epoch_learned", "copies", "properties"),
)
"""``suspicion``: greater for what is more likely wrong. ``says``, ``p_says`` and ``p_label``: what networks that have
not learned the image take it for, and how likely that and the label are to them. The next three are the map's, with 0
as the epoch of what was never learned. ``copies`` and ``properties`` are separated by ``|``. Empty: not looked at."""


def text(audit: Audit) -> str:
    """As CSV."""
    images, suspects = audit.images, audit.suspects
    place = {int(number): index for index, number in enumerate(suspects.numbers)}
    copies: dict[int, list[str]] = defaultdict(list)
    for copy in audit.copies.pairs:
        copies[copy.first].append(images.files[copy.second])
        copies[copy.second].append(images.files[copy.first])
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow(COLUMNS)
    labels, parts = images.labels.tolist(), images.part.tolist()
    for number, file in enumerate(images.files):
        found = _of(audit, place[number], labels[number]) if number in place else [""] * 7
        odd = [each.name for each in audit.odd if each.which[number] and not each.common]
        row = [file, images.parts[parts[number]], images.classes[labels[number]], *found]
        writer.writerow([*row, "|".join(copies[number]), "|".join(odd)])
    return content.getvalue()


def _of(audit: Audit, at: int, label: int) -> list[object]:
    suspects, drawn = audit.suspects, audit.suspects.map
    says, outlook = int(suspects.says[at]), suspects.outlook[at]
    numbers = (suspects.suspicion[at], outlook[says], outlook[label], drawn.confidence[at], drawn.variability[at])
    suspicion, p_says, p_label, confidence, variability = (f"{numpy.float64(value):.4g}" for value in numbers)
    name = audit.images.classes[says]
    return [suspicion, name, p_says, p_label, confidence, variability, int(drawn.learned[at])]
