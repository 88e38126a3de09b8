"""Does it take gradient splitting longer because both objectives have the same learning rate?"""

from collections.abc import Callable
from math import log2

import pandas

from rotelab.claims.claim import Claim, NotMeasured, Values, our_question
from rotelab.claims.questions import all_seeds
from rotelab.claims.verdicts import Above
from rotelab.experiments.gradient_splitting.learning_rates import LEVEL, RATE, TUNING, ratios


def _best(table: pandas.DataFrame, arm: str) -> Values:
    reported = table.seed[table.seed < TUNING]
    found = ratios(table, arm)
    return {unit: all_seeds(found[unit].map(log2), reported, f"both came to {LEVEL}") for unit in found}


def _equal(table: pandas.DataFrame, arm: str) -> pandas.Series:
    """By seed: log2 of the ratio of epochs at the same rate, the mean over the rates at which all of them came."""
    seeds = table.seed[table.seed < TUNING].nunique()
    by_rate = [ratios(table, arm, rate).epochs.map(log2) for rate in sorted(table[RATE].unique())]
    whole = [found for found in by_rate if len(found) == seeds]
    if not whole:
        raise NotMeasured(f"no rate at which all seeds came to {LEVEL} under both objectives")
    return pandas.concat(whole, axis=1).mean(axis=1)


def _of(arm: str, ask: Callable[[pandas.DataFrame, str], Values]) -> Callable[[pandas.DataFrame], Values]:
    return lambda table: ask(table, arm)


def _favoured(table: pandas.DataFrame, arm: str) -> Values:
    return {"": _equal(table, arm) - pandas.Series(_best(table, arm)["epochs"])}


# A rate at which a run dies is none that is best, or equal for all: deaths are part of what is asked.
CLAIMS = [
    *(
        Claim(
            text=f"Memorizing takes more than twice as long with each objective at its best learning rate{name}",
            where="section 2, our question",
            paper="many more, at one rate",
            quantity=f"log2 of what Eq. (1) takes over what Eq. (3) takes to a train accuracy of {LEVEL}",
            rule=Above(1.0),
            values=_of(arm, _best),
            sweep=("learning_rates",),
            dead=True,
        )
        for arm, name in (("split", ""), ("balanced", ", pairs of one class"))
    ),
    our_question(
        text="Equal learning rates favour plain training",
        quantity="log2 of the ratio of epochs, the mean over equal rates minus that at best rates",
        rule=Above(0.0),
        values=_of("balanced", _favoured),
        sweep=("learning_rates",),
        dead=True,
    ),
]
