"""What is asked of lines between networks, of made-up ones."""

from collections.abc import Callable

import pandas
import pytest
from asking import fitted
from connected import made

from rotelab.claims.verdicts import FAILS, HOLDS, UNDECIDED
from rotelab.experiments.mode_connectivity.claims import barriers as claims

WHERE: dict[str, tuple[str, int, bool]] = {
    "Two that generalize, of one start, are connected, whatever their orders": ("generalize", 0, False),
    "... and so they are when they train as long as those that memorize": ("as long", 0, False),
    "Two that memorize, of one start, are connected": ("memorize", 0, False),
    "Between one that generalizes and one that memorizes, of one start, none is worse than both by .02": (
        "both",
        0,
        False,
    ),
    "... so that two that generalize are connected": ("generalize, other start", 0, True),
    "... and two that memorize as well": ("memorize, other start", 0, True),
}
"""The line whose middle has to be low."""
HIGHER: dict[str, tuple[str, int, bool]] = {
    "... and their barrier is higher than plain training's over as many epochs": ("memorize", 0, False),
    "The barrier between two networks of one start falls with the epochs that they train together": (
        "memorize",
        0,
        False,
    ),
    "Matching hidden units lowers the barrier between networks of other starts": ("generalize, other start", 0, False),
}
"""The line whose middle has to be higher than that of the one beside it, where it is .1."""


def verdict(text: str, table: pandas.DataFrame, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(claims, "_found", lambda: table)
    return fitted(claims.CLAIMS, text, monkeypatch)


def lines(where: tuple[str, int, bool], value: Callable[[int], float], other: float) -> pandas.DataFrame:
    return made(lambda *of: value(of[3]) if of[:3] == where else other, (0, claims.TOGETHER))


@pytest.mark.parametrize("text", WHERE)
def test_what_is_connected(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for value, expected in ((0.01, HOLDS), (0.03, FAILS)):
        assert verdict(text, lines(WHERE[text], lambda seed, value=value: value, 0.9), monkeypatch) == expected
    assert verdict(text, lines(WHERE[text], lambda seed: 0.02 * seed, 0.9), monkeypatch) == UNDECIDED


@pytest.mark.parametrize("text", HIGHER)
def test_what_is_higher_than_what_is_beside_it(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for value, expected in ((0.2, HOLDS), (0.05, FAILS)):
        assert verdict(text, lines(HIGHER[text], lambda seed, value=value: value, 0.1), monkeypatch) == expected
    assert verdict(text, lines(HIGHER[text], lambda seed: 0.05 + 0.05 * seed, 0.1), monkeypatch) == UNDECIDED


def test_every_claim_is_asked() -> None:
    assert {*WHERE, *HIGHER} == {claim.text for claim in claims.CLAIMS}
