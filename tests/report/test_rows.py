"""Which claims count, and what survives Holm's correction."""

from dataclasses import replace

from rotelab.claims.claim import Answer, Claim
from rotelab.claims.samples import Mean
from rotelab.claims.verdicts import Above
from rotelab.report.rows import COLUMNS, multiplicity, rows


def answer(text: str, *values: float, sweep: tuple[str, ...] = ("a",), check: str = "") -> Answer:
    claim = Claim(
        text=text,
        where="here",
        paper="said",
        quantity="it",
        rule=Above(0.0),
        values=lambda _: {},
        sweep=sweep,
        check=check,
    )
    return Answer(claim, {"": Mean(values)} if values else {}, "" if values else "nobody looked")


SURE = answer("sure", 1.0, 1.01, 1.02)
FAIR = answer("fair", 1.0, 1.5, 2.0)  # p = .035
OPEN = answer("open", -1.0, 0.0, 2.0)
CHECKED = answer("checked", 1.0, 1.01, 1.02, check="it was made so")
MISSING = answer("missing")


def test_what_is_decided_may_not_survive() -> None:
    found = {row["claim"]: row for row in rows({"a": [SURE, FAIR, OPEN, CHECKED, MISSING]}, "small")}
    assert {name: row["holm"] for name, row in found.items()} == {
        "sure": "yes",
        "fair": "no",
        "open": "",
        "checked": "",
        "missing": "",
    }
    assert {name: row["verdict"] for name, row in found.items() if name in ("sure", "fair")} == {
        "sure": "holds",
        "fair": "holds",
    }
    assert float(found["fair"]["p"]) < 0.05 < float(found["open"]["p"])
    assert (found["checked"]["kind"], found["missing"]["p"], found["missing"]["note"]) == ("check", "", "nobody looked")
    assert all(tuple(row) == COLUMNS for row in found.values())


def test_a_check_takes_nothing_from_the_others() -> None:
    """Alone the fair one survives; with another verdict beside it, it does not; with a check it does."""
    for others, kept in (([], "yes"), ([OPEN], "no"), ([CHECKED], "yes"), ([MISSING], "yes")):
        assert next(iter(rows({"a": [FAIR, *others]}, "small")))["holm"] == kept


def test_works_are_corrected_each_for_itself() -> None:
    found = rows({"a": [FAIR], "b": [OPEN]}, "small")
    assert [row["holm"] for row in found] == ["yes", ""]


def test_what_the_seeds_draw() -> None:
    (row,) = rows({"a": [replace(SURE, over=", each of other images")]}, "small")
    assert (row["seeds"], row["over"]) == ("3", "each of other images")


def test_how_many_by_chance() -> None:
    assert multiplicity([SURE, FAIR, OPEN, CHECKED, MISSING]) == (
        "Verdicts: 3; decided: 2; still decided after Holm's correction: 1. Were every quantity at the bound of its "
        "rule, chance would decide up to 0.15."
    )
