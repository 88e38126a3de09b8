"""Small images in the page itself."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from markupsafe import Markup
from PIL import Image

from rotelab.report.page.page import fill

SIDE = 64
"""Pixels of the longer side of a thumbnail; smaller images are shown larger, their pixels as squares."""


@dataclass(frozen=True)
class Thumbnail:
    """An image, what it shows to who can't see it, and lines that stand below it."""

    image: Image.Image
    words: str
    below: Sequence[str] = ()

    @property
    def address(self) -> str:
        """``data:image/jpeg;base64,...``"""
        small, file = self.image.convert("RGB"), BytesIO()
        small.thumbnail((SIDE, SIDE))
        small.save(file, "JPEG", quality=80, optimize=True)
        return f"data:image/jpeg;base64,{b64encode(file.getvalue()).decode()}"


def thumbnails(images: Sequence[Thumbnail]) -> Markup:
    """A list of them, as many beside one another as there is room for."""
    return fill("thumbnails.html", images=images, side=SIDE)
