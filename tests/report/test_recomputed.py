"""Every verdict that is committed, computed again from the values of the seeds that are committed beside it."""

import csv
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import pytest

from rotelab.claims import written
from rotelab.claims.claim import EXACT, Answer, Claim
from rotelab.claims.multiplicity import p_value, survivors
from rotelab.claims.samples import Exact, Mean, Unpaired, accuracies
from rotelab.claims.shares import Count, ShareDifference, Shares
from rotelab.claims.verdicts import HOLDS, NOT_MEASURED, UNDECIDED, Above, Below, Rule, Within, verdict
from rotelab.report.claims import as_csv

RESULTS = Path(__file__).parents[2] / "docs" / "results"
TABLES = sorted(RESULTS.glob("*/*/claims.csv"))
Units = list[dict[str, str]]
"""The rows of a claim."""


def rule(words: str) -> Rule:
    """As it stands in a table."""
    match words.replace(",", "").split():
        case "above", bound:
            return Above(float(bound))
        case "below", bound:
            return Below(float(bound))
        case "at", "least", bound:
            return Within(low=float(bound))
        case "at", "most", bound:
            return Within(high=float(bound))
        case "exactly", bound:
            return Within(float(bound), float(bound))
        case low, "to", high:
            return Within(float(low), float(high))
    raise ValueError(f"no rule is {words}")


def claims(path: Path) -> list[Units]:
    with path.open() as file:
        rows = list(csv.DictReader(file))
    return [list(units) for _, units in groupby(rows, lambda row: (row.get("work"), row["claim"]))]


def check_values(units: Units) -> None:
    """Verdict, p-value and intervals are those of the values."""
    samples = {row["unit"]: written.read(row["interval"], row["values"], row["others"]) for row in units}
    assert len(samples) == len(units)
    intervals = {unit: sample.interval() for unit, sample in samples.items()}
    decides = rule(units[0]["rule"])
    for row in units:
        at = intervals[row["unit"]]
        assert [at.mean, at.low, at.high] == pytest.approx([float(row[name]) for name in ("mean", "low", "high")], 1e-6)
        assert (row["seeds"], row["verdict"]) == (str(at.seeds), verdict(decides, intervals))
        if row["kind"] != EXACT:
            assert p_value(decides, samples) == pytest.approx(float(row["p"]), rel=1e-3)


def check_holm(found: list[Units]) -> None:
    """Of each work; checks and arithmetic are no part of it."""
    firsts = [units[0] for units in found if units[0]["kind"] == "claim" and units[0]["interval"]]
    for _, of in groupby(firsts, itemgetter("work")):
        work = list(of)
        kept = survivors({row["claim"]: float(row["p"]) for row in work})
        for row in work:
            expected = "yes" if row["claim"] in kept else "no"
            assert row["holm"] == ("" if row["verdict"] == UNDECIDED else expected)


def check_table(path: Path) -> None:
    found = claims(path)
    assert found
    for units in found:
        if units[0]["mean"]:
            check_values(units)
        else:
            (row,) = units
            assert row["verdict"] == NOT_MEASURED
            assert row["note"]
    check_holm(found)


@pytest.mark.parametrize("path", TABLES, ids=lambda path: "/".join(path.parts[-3:-1]))
def test_every_verdict_follows_from_what_is_committed(path: Path) -> None:
    check_table(path)


def test_a_table_as_it_is_written_follows_from_its_values(tmp_path: Path) -> None:
    """Of samples of every kind."""
    counts = (Count(5, 6), Count(6, 6), Count(6, 6))
    samples = [
        Mean((0.1, 1 / 3, 0.7)),
        Unpaired((0.1, 0.2, 0.4), (0.2, 0.6)),
        accuracies([0.9, 0.95, 2 / 3]),
        Shares(counts),
        ShareDifference(counts, (Count(0, 6), Count(1, 6))),
    ]
    asked = Claim(text="", where="", paper="", quantity="", rule=Above(0.05), values=lambda _: {}, sweep=("a",))
    answers = [Answer(replace(asked, text=f"claim {place}"), {"": of}) for place, of in enumerate(samples)]
    answers.append(Answer(replace(asked, text="in two units"), {"epochs": samples[0], "steps": samples[1]}))
    answers.append(Answer(replace(asked, text="arithmetic", sweep=()), {"": Exact(1 / 3)}))
    answers.append(Answer(replace(asked, text="not measured"), {}, "nobody looked"))
    path = tmp_path / "claims.csv"
    path.write_text(as_csv({"gradient_splitting": answers}, "small"))
    check_table(path)


def test_there_are_tables() -> None:
    assert {path.parts[-3] for path in TABLES} >= {"gradient_splitting", "randomization_tests", "coherent_gradients"}


def test_a_verdict_that_does_not_follow_is_found() -> None:
    row = {
        **{"work": "a", "kind": "claim", "claim": "It grows", "rule": "above 0", "verdict": HOLDS, "unit": ""},
        **{"p": "0.0202", "seeds": "3", "mean": "2", "low": "0.7586", "high": "3.2414", "holm": "yes", "note": ""},
        **{"interval": "t", "values": "1.5 2 2.5", "others": ""},
    }
    row |= {"low": f"{2 - 1.2420690:.7g}", "high": f"{2 + 1.2420690:.7g}"}
    check_values([row])
    check_holm([[row]])
    for wrong in ({"verdict": UNDECIDED}, {"values": "1.5 2 2.6"}, {"p": "0.04"}, {"rule": "above 1"}, {"low": "-1"}):
        with pytest.raises(AssertionError):
            check_values([row | wrong])
    with pytest.raises(AssertionError):
        check_holm([[row | {"p": "0.04"}], [row | {"claim": "other", "p": "0.03"}]])


@pytest.mark.parametrize(
    "of",
    [Above(0.5), Below(-2.0), Within(low=0.9), Within(high=2.0), Within(-0.03, 0.03), Within(905_930.0, 905_930.0)],
)
def test_a_rule_is_read_as_it_is_written(of: Rule) -> None:
    assert rule(str(of)) == of
