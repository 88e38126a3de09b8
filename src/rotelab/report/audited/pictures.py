"""Thumbnails of an audit's images, and a share in words."""

from collections.abc import Sequence

import numpy
from jaxtyping import Int64
from PIL import Image

from rotelab.audit.audit import Audit
from rotelab.errors import printable
from rotelab.report.page.thumbnails import Thumbnail


def image(audit: Audit, number: int) -> Image.Image:
    """As networks were given it."""
    pixels = audit.images.pixels[number].permute(1, 2, 0)
    return Image.fromarray((pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).contiguous().numpy())


def label(audit: Audit, number: int) -> str:
    return audit.images.classes[int(audit.images.labels[number])]


def thumbnail(audit: Audit, number: int, lines: Sequence[str]) -> Thumbnail:
    """Its label, these lines, its part and file."""
    part = audit.images.parts[int(audit.images.part[number])]
    file = printable(audit.images.files[number])
    short = file if len(file) <= 40 else f"...{file[-37:]}"
    below = [f"label: {label(audit, number)}", *lines, f"{part}: {short}"]
    return Thumbnail(image(audit, number), f"{file}, label {label(audit, number)}", below)


def of_suspects(audit: Audit, places: Int64[numpy.ndarray, " place"]) -> list[Thumbnail]:
    """Of images by their places among those that were looked at, with what networks say."""
    found = []
    for place in places:
        says = int(audit.suspects.says[place])
        text = f"networks: {audit.images.classes[says]} ({audit.suspects.outlook[place][says]:.0%})"
        epoch = int(audit.suspects.map.learned[place])
        when = f"learned in epoch {epoch}" if epoch else "never learned"
        found.append(thumbnail(audit, int(audit.suspects.numbers[place]), [text, when]))
    return found


def percent(share: float) -> str:
    """``12 %``, ``1.3 %``, ``less than 0.1 %``"""
    if 0 < share < 0.001:
        return "less than 0.1 %"
    return f"{100 * share:.1f} %" if share < 0.0995 and share else f"{100 * share:.0f} %"
