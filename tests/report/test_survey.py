"""The page that answers a survey's questions says of each claim what the committed tables say."""

import csv
import re
from pathlib import Path

import pytest

from rotelab.claims.verdicts import FAILS, HOLDS, UNDECIDED

RESULTS = Path(__file__).parents[2] / "docs" / "results"
SAID = re.findall(r"^- \*(.+?)\*: (.+)$", (RESULTS / "survey.md").read_text(), re.MULTILINE)


def committed() -> dict[str, set[str]]:
    """Of each claim its verdicts, of which there is one a scale."""
    found: dict[str, set[str]] = {}
    for path in RESULTS.glob("*/*/claims.csv"):
        with path.open() as file:
            for row in csv.DictReader(file):
                found.setdefault(row["claim"], set()).add(row["verdict"])
    return found


@pytest.mark.parametrize(("claim", "verdict"), SAID)
def test_a_verdict_is_the_one_in_the_tables(claim: str, verdict: str) -> None:
    assert committed()[claim] == {verdict}


def test_there_are_verdicts_of_every_kind() -> None:
    assert len(SAID) > 30 and {verdict for _, verdict in SAID} >= {HOLDS, FAILS, UNDECIDED}
