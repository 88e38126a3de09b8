"""A table that is sorted by a click, or a key, on the head of a column."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from rotelab.report.page.page import fill

Value = str | int | float | Markup | None
"""Of a cell; None is an empty one, which is sorted behind all others."""


@dataclass(frozen=True)
class Column:
    """``number``: to the right, and sorted as what it is; ``form`` is how it is written. One that is not ``sortable``
    has no button."""

    title: str
    number: bool = False
    form: str = ""
    sortable: bool = True

    def shown(self, value: Value) -> str | Markup:
        if value is None:
            return ""
        return format(value, self.form) if self.number else value if isinstance(value, Markup) else str(value)

    def by(self, value: Value) -> str | None:
        """What a cell is sorted by, where that is not what it shows."""
        if not self.number or value is None or self.shown(value) == repr(value):
            return None
        return f"{value:.6g}"


def table(caption: str, columns: Sequence[Column], rows: Sequence[Sequence[Value]], numbered: bool = False) -> Markup:
    """Rows of a value a column; with ``numbered`` each knows its place, by which a filter hides it."""
    cells = [list(zip(columns, row, strict=True)) for row in rows]
    return fill("table.html", caption=caption, columns=columns, rows=cells, numbered=numbered)
