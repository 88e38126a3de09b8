"""The claims about optimized bounds."""

from functools import partial

import asking
from tables import constant, runs, together

from rotelab.claims.verdicts import FAILS, HOLDS, UNDECIDED
from rotelab.experiments.generalization_measures.claims import posterior
from rotelab.experiments.generalization_measures.posterior import FRACTION

TRUE, RANDOM = (claim.text for claim in posterior.CLAIMS)
verdict = partial(asking.verdict, posterior.CLAIMS)


def of(true: float, random: float, spread: float = 0.01):
    return together(
        *(
            runs(
                {FRACTION: at, "objective": "standard"},
                {"posterior/error_bound": constant(bound, spread)},
                seeds=(0, 1, 2),
            )
            for at, bound in ((0.0, true), (1.0, random))
        )
    )


def test_below_chance_on_true_labels() -> None:
    assert verdict(TRUE, of(0.6, 0.95)) == HOLDS
    assert verdict(TRUE, of(0.95, 0.95)) == FAILS
    assert verdict(TRUE, of(0.85, 0.95, 0.05)) == UNDECIDED


def test_vacuous_on_random_labels() -> None:
    assert verdict(RANDOM, of(0.6, 0.95)) == HOLDS
    assert verdict(RANDOM, of(0.6, 0.7)) == FAILS
