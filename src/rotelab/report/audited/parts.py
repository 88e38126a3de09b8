"""Train against test: copies, whether the two are alike, counts and accuracy of each class."""

from collections import Counter
from functools import partial

import numpy
from markupsafe import Markup

from rotelab.audit.audit import Audit
from rotelab.audit.copies import Copy
from rotelab.plurals import plural
from rotelab.report.audited import pictures
from rotelab.report.page.page import fill
from rotelab.report.page.table import Column, Value, table
from rotelab.report.page.thumbnails import Thumbnail, thumbnails

SHOWN = 24
"""Pairs of copies."""


def contents(audit: Audit) -> Markup:
    found = sorted(audit.copies.pairs, key=partial(_harmless, audit))
    pairs = [image for copy in found[:SHOWN] for image in _pair(audit, copy)]
    return fill(
        "audit_parts.html",
        sentence=sentence(audit),
        alike=alike(audit),
        counts=_copies(audit) if found else "",
        pictures=thumbnails(pairs) if pairs else "",
        more=len(found) - SHOWN,
        unlooked=unlooked(audit),
        classes=_classes(audit),
    )


def _harmless(audit: Audit, copy: Copy) -> tuple[bool, bool, int]:
    """What does most harm sorts first."""
    return not _across(audit, copy), not _disagree(audit, copy), copy.first


def _across(audit: Audit, copy: Copy) -> bool:
    return bool(audit.images.part[copy.first] != audit.images.part[copy.second])


def _disagree(audit: Audit, copy: Copy) -> bool:
    return bool(audit.images.labels[copy.first] != audit.images.labels[copy.second])


def sentence(audit: Audit) -> str:
    """Of copies."""
    pairs = audit.copies.pairs
    across = sum(_across(audit, copy) for copy in pairs)
    other = sum(_disagree(audit, copy) for copy in pairs)
    if not pairs:
        return "No copies were found among the images."
    told = f"{plural(f'{len(pairs):,}', 'pair')} of copies"
    if audit.images.divided:
        return f"{told}, {other:,} of them with two labels. Copies have to be in one part when you divide the images."
    images = {image for copy in pairs if _across(audit, copy) for image in (copy.first, copy.second)}
    of_test = audit.images.tested[sorted(images)].sum() / audit.images.tested.sum()
    bad = f", with {of_test:.0%} of the test images: there it measures what was learned by heart" if across else ""
    return f"{told}: {across:,} between train and test{bad}; {other:,} have two labels, of which one is wrong."


def unlooked(audit: Audit) -> str:
    """When there was no time to look at the neighbours of every image."""
    count, looked_at = len(audit.images), audit.copies.looked_at
    if looked_at >= count:
        return ""
    share = 1 - (1 - looked_at / count) ** 2
    return (
        f"Time was up when the neighbours of {looked_at:,} of {count:,} images had been looked at, so that some "
        f"{share:.0%} of the copies were found. More minutes find more."
    )


def alike(audit: Audit) -> str:
    """Whether the parts can be told apart."""
    if audit.images.divided:
        return "The images came without a test part: a fifth of each class was drawn. Such parts are alike."
    at = audit.told_apart
    if at is None:
        return "Whether the parts are alike can't be said: there are too few images of the same classes in both."
    said = (
        f"A network told train images from test images in {at.mean:.0%} of the cases ({at.low:.0%} to {at.high:.0%}); "
    )
    if at.low > 0.5:
        return f"{said}a guess is right in 50 %: they differ, so that accuracy on the test part is about other images."
    return f"{said}a guess is right in 50 %: no difference was found."


def _copies(audit: Audit) -> Markup:
    found = Counter((copy.how, _across(audit, copy), _disagree(audit, copy)) for copy in audit.copies.pairs)
    columns = [Column("how"), Column("where"), Column("labels"), Column("pairs", True, ",d")]
    rows: list[list[Value]] = [
        [how, "train and test" if across else "in one of them", "two" if two else "the same", count]
        for (how, across, two), count in found.most_common()
    ]
    return table("Pairs of copies", columns, rows)


def _pair(audit: Audit, copy: Copy) -> list[Thumbnail]:
    lines = [f"{copy.how} as the next" if copy.how != "mirrored" else "the next is its mirror image"]
    return [pictures.thumbnail(audit, copy.first, lines), pictures.thumbnail(audit, copy.second, ["and this"])]


def _classes(audit: Audit) -> Markup:
    """Counts, and of networks that have not learned them the share that is right, with the class taken most often."""
    images, suspects = audit.images, audit.suspects
    labels = images.labels.numpy()[suspects.numbers]
    part, right = images.part.numpy()[suspects.numbers], suspects.says == labels
    columns = [Column("class"), *(Column(f"{name} images", True, ",d") for name in images.parts)]
    columns += [Column(f"right, {name}", True, ".0%") for name in images.parts] + [Column("most often taken for")]
    rows: list[list[Value]] = []
    for number, name in enumerate(images.classes):
        of_class = labels == number
        shares: list[Value] = []
        for index in range(len(images.parts)):
            which = of_class & (part == index)
            shares.append(float(right[which].mean()) if which.any() else None)
        wrong = suspects.says[of_class & ~right]
        taken = images.classes[int(numpy.bincount(wrong).argmax())] if len(wrong) else None
        rows.append([name, *images.counts[:, number].tolist(), *shares, taken])
    return table(
        "Of each class: its images, how many of them networks get right that have not learned them", columns, rows
    )
