"""Claims that are arithmetic."""

from rotelab.claims.claim import answer
from rotelab.claims.verdicts import HOLDS
from rotelab.experiments.gradient_splitting.claims import fig3, parameters


def test_the_parameters_are_counted() -> None:
    found = answer(parameters.CLAIMS[0], {}, "demo")
    assert (found.verdict, found.ours) == (HOLDS, "905,930")


def test_the_basins_are_arithmetic() -> None:
    found = answer(fig3.CLAIMS[0], {}, "demo")
    assert (found.verdict, found.ours) == (HOLDS, "-176.091")
