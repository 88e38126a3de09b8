"""Properties that need no network: files that can't be read, dark and odd images, small classes."""

from markupsafe import Markup

from rotelab.audit import properties
from rotelab.audit.audit import Audit
from rotelab.plurals import plural
from rotelab.report.audited import pictures
from rotelab.report.audited.pictures import percent
from rotelab.report.page.page import fill
from rotelab.report.page.thumbnails import thumbnails

SHOWN = 12


def contents(audit: Audit) -> Markup:
    rows = []
    for odd in audit.odd:
        which = odd.which.nonzero()[0]
        shown = None if odd.common else thumbnails([pictures.thumbnail(audit, int(i), []) for i in which[:SHOWN]])
        rows.append((odd, len(which), percent(odd.which.mean()), shown))
    small = properties.small_classes(audit.images)
    return fill(
        "audit_properties.html",
        sentence=sentence(audit),
        skipped=audit.images.skipped,
        said=audit.images.said,
        small=small,
        few=properties.FEW_IMAGES,
        rows=rows,
        most=SHOWN,
    )


def sentence(audit: Audit) -> str:
    images, small = audit.images, properties.small_classes(audit.images)
    odd = [each for each in audit.odd if not each.common]
    unreadable, few = len(images.skipped), len(small)
    said = [
        f"{plural(f'{unreadable:,}', 'file')} can't be read",
        f"{plural(few, 'class')} {'have' if few != 1 else 'has'} few images",
        *(f"{plural(f'{count:,}', 'image')}: {each.name}" for each in odd if (count := int(each.which.sum()))),
        *images.said,
    ]
    return f"{', '.join(said)}."
