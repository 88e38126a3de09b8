"""Each objective at its best rate, and whether equal rates favour one of them."""

from functools import partial

import asking
import pytest
from tuned import made

from rotelab.claims.verdicts import DEPENDS, FAILS, HOLDS, NOT_MEASURED
from rotelab.experiments.gradient_splitting.claims import learning_rates

ask, verdict = partial(asking.ask, learning_rates.CLAIMS), partial(asking.verdict, learning_rates.CLAIMS)

TWICE = "Memorizing takes more than twice as long with each objective at its best learning rate"
FAVOURED = "Equal learning rates favour plain training"


@pytest.mark.parametrize(("best", "expected"), [(80, HOLDS), (15, DEPENDS), (5, FAILS)])
def test_more_than_twice_as_long_at_best_rates(best: int, expected: str) -> None:
    """At equal rates it is nine times as long or more, whatever it is at the best ones."""
    slow = {"standard": (10, None), "split": (None, best), "balanced": (None, best)}
    assert verdict(TWICE, made(slow)) == verdict(f"{TWICE}, pairs of one class", made(slow)) == expected


def test_what_did_not_come_there_is_not_measured() -> None:
    found = ask(TWICE, made({"split": (None, None)}))
    assert (found.verdict, found.ours) == (NOT_MEASURED, "both came to 0.5 in 0 of 2 seeds")
    found = ask(FAVOURED, made({"standard": (10, None), "balanced": (None, 10)}))
    assert found.ours == "no rate at which all seeds came to 0.5 under both objectives"


def test_equal_rates_favour_who_is_compared_at_its_own() -> None:
    """Plain training best at the one rate, the other at the other: equal rates make either look bad."""
    assert verdict(FAVOURED, made({"standard": (10, 10), "balanced": (80, 20)})) == HOLDS
    assert verdict(FAVOURED, made({"standard": (40, 10), "balanced": (40, 40)})) == FAILS
