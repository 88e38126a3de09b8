"""The page that answers a survey's questions says of each claim what the committed tables say."""

import csv
import re
from pathlib import Path

import pytest

from rotelab.claims.verdicts import FAILS, HOLDS, NOT_MEASURED, UNDECIDED

RESULTS = Path(__file__).parents[2] / "docs" / "results"
SAID = re.findall(r"^- \*(.+?)\*: (.+)$", (RESULTS / "survey.md").read_text(), re.MULTILINE)


def committed() -> dict[str, dict[str, str]]:
    """Of each claim its verdict in each folder: at each scale, and of other images."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(RESULTS.glob("*/*/claims.csv")):
        with path.open() as file:
            for row in csv.DictReader(file):
                if row["verdict"] != NOT_MEASURED:
                    found.setdefault(row["claim"], {})[path.parent.name] = row["verdict"]
    return found


@pytest.mark.parametrize(("claim", "verdict"), SAID)
def test_a_verdict_is_the_one_in_the_tables(claim: str, verdict: str) -> None:
    """One for all folders, or of each: "holds at `demo`, undecided at `small`"."""
    found = committed()[claim]
    by_folder = ", ".join(f"{of} at `{folder}`" for folder, of in found.items())
    assert verdict == (by_folder if len({*found.values()}) > 1 else next(iter(found.values())))


def test_there_are_verdicts_of_every_kind() -> None:
    assert len(SAID) > 30 and {verdict for _, verdict in SAID} >= {HOLDS, FAILS, UNDECIDED}
