"""The table of verdicts in Markdown: a claim a row, narrow enough for a page."""

from rotelab.report import verdicts

ROW = {
    **{"kind": "claim", "claim": "It grows", "where": "Fig. 1", "paper": "yes", "recorded": ".9"},
    **{"measured": "how much", "rule": "above 0", "verdict": "holds", "p": "0.0123", "holm": "no", "unit": "epochs"},
    **{"mean": "1.25", "low": "1", "high": "1.5", "seeds": "3", "note": ""},
}


def cells(*rows: dict[str, str]) -> list[str]:
    *_, last = verdicts.table(rows)
    return last.removeprefix("| ").removesuffix(" |").split(" | ")


def test_a_claim_is_a_row_and_its_units_are_lines() -> None:
    assert cells(ROW, ROW | {"unit": "steps", "mean": "2", "low": "2", "high": "2"}) == [
        "It grows<br>*Fig. 1*",
        "yes; .9",
        "how much: **above 0**",
        "epochs: 1.25 [1, 1.5], 3 seeds<br>steps: 2, 3 seeds",
        "**holds**<br>p = 0.012<br>not after Holm",
    ]


def test_what_nobody_recorded_is_left_out() -> None:
    assert cells(ROW | {"recorded": "no record"})[1] == cells(ROW | {"recorded": "yes"})[1] == "yes"


def test_what_was_not_measured_has_its_note() -> None:
    missing = ROW | {"verdict": "not measured", "p": "", "holm": "", "mean": "", "note": "nobody | looked"}
    assert cells(missing)[3:] == ["nobody / looked", "**not measured**"]


def test_what_the_seeds_draw_stands_behind_their_number() -> None:
    assert cells(ROW | {"over": "each of other images"})[3] == "epochs: 1.25 [1, 1.5], 3 seeds, each of other images"


def test_columns_that_older_tables_lack() -> None:
    older = {name: value for name, value in ROW.items() if name not in ("kind", "p", "holm")}
    assert cells(older)[-1] == "**holds**"


def test_arithmetic_has_no_seeds_and_small_p_no_digits() -> None:
    assert cells(ROW | {"kind": "exact", "low": "1.25", "high": "1.25"})[3] == "epochs: 1.25"
    assert "p < 0.001" in cells(ROW | {"p": "1e-12"})[-1]
