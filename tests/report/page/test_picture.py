"""A picture of an interval: inside its frame, whatever is infinite, and with its words."""

from xml.etree import ElementTree

import pytest

from rotelab.claims.verdicts import FAILS, HOLDS, UNDECIDED, Above, Below, Interval, Rule, Within
from rotelab.report.page.picture import WIDTH, interval

INFINITE = float("inf")
SVG = "{http://www.w3.org/2000/svg}"


def drawn(mean: float, low: float, high: float, rule: Rule) -> ElementTree.Element:
    text = interval(mean, low, high, rule.allowed, "0.5 <of> all", rule.verdict(Interval(mean, low, high, 3)))
    return ElementTree.fromstring(text)


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        (Above(1.0), HOLDS),
        (Below(1.0), FAILS),
        (Within(0.0, 2.5), UNDECIDED),
        (Within(2.0, 2.0), UNDECIDED),
        (Above(9.0), FAILS),
    ],
    ids=str,
)
def test_a_mean_is_in_what_is_allowed_where_the_rule_says_so(rule: Rule, verdict: str) -> None:
    svg = drawn(2.2, 1.5, 3.0, rule)
    (band, dot), (low, high) = (svg.find("rect"), svg.find("circle")), rule.allowed
    assert (
        band is not None
        and dot is not None
        and svg.get("class") == f"interval {verdict}"
        and svg.findtext("title") == "0.5 <of> all"
    )
    start, length = float(band.get("x", "")), float(band.get("width", ""))
    place = float(dot.get("cx", ""))
    assert start >= 0 and start + length <= WIDTH
    assert (start <= place <= start + length) == (low <= 2.2 <= high)


@pytest.mark.parametrize("rule", [Above(0.0), Within(1.0, 1.0)], ids=str)
def test_what_is_infinite_ends_at_the_edge(rule: Rule) -> None:
    """The interval of one seed; and one number without doubt, at the bound."""
    assert "nan" not in ElementTree.tostring(drawn(1.0, -INFINITE, INFINITE, rule), "unicode")
    assert "nan" not in ElementTree.tostring(drawn(1.0, 1.0, 1.0, rule), "unicode")
