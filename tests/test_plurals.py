"""One is said otherwise than two, in every sentence that counts."""

import re
from pathlib import Path

import pytest

from rotelab.plurals import plural

SRC = Path(__file__).parents[1] / "src" / "rotelab"
COUNTED = r"\{(len\([^{}]*\)|[\w.]+\.nunique\(\)|outcome\.\w+)\} (runs|seeds|epochs|steps|classes|panels|sections)\b"
"""A number that may be one, and a noun in the plural."""


@pytest.mark.parametrize(
    ("count", "noun", "words"),
    [
        (1, "epoch", "1 epoch"),
        (0, "run", "0 runs"),
        (2, "class", "2 classes"),
        (1, "class", "1 class"),
        ("1,200", "image", "1,200 images"),
        ("1 to 3", "seed", "1 to 3 seeds"),
    ],
)
def test_one_and_several(count: object, noun: str, words: str) -> None:
    assert plural(count, noun) == words


def test_no_sentence_has_a_plural_of_its_own() -> None:
    """But of a part of several, or of more seeds than one by the code's own choice."""
    found = [
        f"{path.relative_to(SRC)}: {match[0]}"
        for path in sorted(SRC.rglob("*.py"))
        for line in path.read_text().splitlines()
        for match in re.finditer(COUNTED, line)
        if "len(SEEDS)" not in match[1] and f"of {match[0]}" not in line and "'s' *" not in line
    ]
    assert not found
