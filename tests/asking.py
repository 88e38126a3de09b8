"""Puts claims to made-up tables."""

from collections.abc import Callable, Mapping, Sequence
from inspect import unwrap

import pandas
import pytest
from tables import Curve

from rotelab.claims import claim
from rotelab.claims.claim import Answer, Claim, answer
from rotelab.claims.verdicts import FAILS, HOLDS, UNDECIDED


def ask(claims: Sequence[Claim], text: str, table: pandas.DataFrame, scale: str = "small") -> Answer:
    """The answer of the claim of this text from a table that is that of all its sweeps: only the first one's has
    rows."""
    (asked,) = (claim for claim in claims if claim.text == text)
    return answer(asked, {sweep: table[: None if place == 0 else 0] for place, sweep in enumerate(asked.sweep)}, scale)


def verdict(claims: Sequence[Claim], text: str, table: pandas.DataFrame, scale: str = "small") -> str:
    return ask(claims, text, table, scale).verdict


def fitted(claims: Sequence[Claim], text: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The verdict of a claim that needs no runs, asked anew: what it computes is else computed once in a process."""
    monkeypatch.setattr(claim, "_without_runs", unwrap(claim._without_runs))
    return verdict(claims, text, pandas.DataFrame())


Of = Callable[[int], float]
"""A number by seed: the one that a claim is about."""
Case = tuple[Callable[[Of], pandas.DataFrame], float, float]
"""From that to a table; a number for which the claim holds, and one for which it fails."""


def always(value: float) -> Of:
    return lambda seed: value


def at(values: Mapping[int, float | Of], other: float) -> Curve:
    """By epoch, and ``other`` at all that are not named."""

    def curve(epoch: int, step: int, seed: int) -> float:
        value = values.get(epoch, other)
        return value if isinstance(value, int | float) else value(seed)

    return curve


def but(table: pandas.DataFrame, rows: str) -> pandas.DataFrame:
    """Without these."""
    return table.query(f"not ({rows})")


def check_bound(claims: Sequence[Claim], text: str, case: Case) -> None:
    """It holds and fails on either side of its bound, and is undecided with seeds on both sides."""
    table, good, bad = case
    for value, expected in ((good, HOLDS), (bad, FAILS)):
        found = ask(claims, text, table(always(value)))
        assert found.verdict == expected
        assert [of.mean for of in found.intervals.values()] == pytest.approx([value] * len(found.intervals))
    assert verdict(claims, text, table(lambda seed: bad if seed else good)) == UNDECIDED
