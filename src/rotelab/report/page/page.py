"""One self-contained HTML file, of sections: it asks no other place for anything, and works as a file.

Everything that a template is given is escaped, but for ``Markup``, which templates themselves give.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from rotelab.figures import style

TEMPLATES = Path(__file__).parent / "templates"
ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


@dataclass(frozen=True)
class Section:
    """What a link within the page leads to: a ``title``, its contents, and sections below it. ``key`` is its place in
    the address, of letters, digits and hyphens."""

    key: str
    title: str
    contents: Markup
    parts: Sequence["Section"] = ()


def page(title: str, about: str, sections: Sequence[Section]) -> str:
    """The file, as text in UTF-8: ``about`` is a line below the title."""
    own = {name: Markup((TEMPLATES / name).read_text()) for name in ("page.css", "page.js", "curves.js")}
    return fill("page.html", title=title, about=about, sections=sections, palette=style.PALETTE, own=own)


def fill(template: str, **values: Any) -> Markup:
    """A template with its values, of which no text can be markup."""
    return Markup(ENVIRONMENT.get_template(template).render(values))
