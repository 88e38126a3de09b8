"""Cells: what they show, what they are sorted by, and that text stays text."""

from markupsafe import Markup

from rotelab.report.page.table import Column, table


def test_cells() -> None:
    columns = [Column("<b>"), Column("steps", True, ",d"), Column("how", sortable=False)]
    found = table("of 'x' & \"y\"", columns, [["<i>a", 12000, Markup("<u>1</u>")], [None, None, None]], numbered=True)
    assert '<button type="button">&lt;b&gt;</button>' in found and "of &#39;x&#39; &amp; &#34;y&#34;" in found
    assert '<tr data-run="0"><td>&lt;i&gt;a<td class=n data-by="12000">12,000<td><u>1</u>' in found
    assert '<tr data-run="1"><td><td class=n><td>' in found
    assert found.count("aria-sort") == 2 and found.count("<th") - found.count("<thead") == 3


def test_a_number_that_shows_itself_says_it_once() -> None:
    assert "data-by" not in table("", [Column("seed", True)], [[3]])
