"""Is what a network learns first what a linear classifier knows, does it keep that, and what do wrong labels undo?"""

from collections.abc import Callable
from math import log2

import pandas

from rotelab.claims.claim import Ask, Claim, NotMeasured, Values, our_question
from rotelab.claims.samples import Bounded
from rotelab.claims.verdicts import Above, Below
from rotelab.experiments.increasing_complexity.explained import curves, shares, steps_to

STEP = 0.01
"""Of shares of some tenths of a bit that a thousand images tell."""


def _by_seed(
    of: Callable[[pandas.DataFrame], float | None], wrong: bool, what: str
) -> Callable[[pandas.DataFrame], list[float]]:
    """A number of each run; NotMeasured where one has none."""

    def values(table: pandas.DataFrame) -> list[float]:
        found = curves(table)
        chosen = found[found.wrong > 0] if wrong else found[found.wrong == 0]
        told = {seed: of(run) for seed, run in chosen.groupby("seed")}
        there = [value for value in told.values() if value is not None]
        if not told or len(there) < len(told):
            raise NotMeasured(f"{what} in {len(there)} of {len(told)} seeds")
        return there

    return values


def _ask(of: Callable[[pandas.DataFrame], float | None], what: str, wrong: bool = False) -> Ask:
    asked = _by_seed(of, wrong, what)
    return lambda table: {"": asked(table)}


HALF = "the network knew half of what a linear classifier does, and more at the end,"


def _first(run: pandas.DataFrame) -> float | None:
    found = shares(run)
    return None if found is None else found[0]


def _difference(run: pandas.DataFrame) -> float | None:
    found = shares(run)
    return None if found is None else found[0] - found[1]


def _later(name: str) -> Ask:
    def doublings(run: pandas.DataFrame) -> float | None:
        linear, other = steps_to(run, "linear"), steps_to(run, name)
        return None if linear is None or other is None else log2(other / linear)

    return _ask(doublings, "both explain something")


def _first_share(table: pandas.DataFrame) -> Values:
    return {"": Bounded(tuple(_by_seed(_first, False, HALF)(table)), -1.0, 1.0, STEP)}


def _lost(run: pandas.DataFrame) -> float | None:
    """Of the bits lost from the peak to the end, the share that a linear classifier explained."""
    peak, last = run.loc[run.known.idxmax()], run.iloc[-1]
    return (peak.linear - last.linear) / (peak.known - last.known) if peak.known > last.known else None


CLAIMS = [
    Claim(
        text="A linear classifier explains most of what a network knows first",
        where="Kalimeris et al. (2019)",
        paper="in the initial epochs, almost all of the performance is explained by the linear model",
        quantity="mu / I(F; Y) where I(F; Y) first was half of I(L; Y)",
        rule=Above(0.5),
        values=_first_share,
        sweep=("explained",),
    ),
    Claim(
        text="It explains less of what the network learns later",
        where="Kalimeris et al. (2019)",
        paper="then it learns functions of increasing complexity",
        quantity="mu / I(F; Y) there, minus the growth of mu over that of I(F; Y) from there to the end",
        rule=Above(0.0),
        values=_ask(_difference, HALF),
        sweep=("explained",),
    ),
    Claim(
        text="What a linear classifier knows is kept to the end",
        where="Kalimeris et al. (2019)",
        paper="the network retains the linear model's performance",
        quantity="mu / I(L; Y) at the end",
        rule=Above(0.9),
        values=_ask(
            lambda run: run.linear.iloc[-1] / run.linear_knows.iloc[-1] if run.linear_knows.iloc[-1] else None, HALF
        ),
        sweep=("explained",),
    ),
    *(
        Claim(
            text=f"What a {name} network explains is learned later than what a linear classifier explains",
            where="Kalimeris et al. (2019)",
            paper="networks of growing complexity explain the performance for ever longer",
            quantity="doublings of the steps to 90 % of the last mu, against those of the linear classifier",
            rule=Above(0.0),
            values=_later(name),
            sweep=("explained",),
        )
        for name in ("small", "large")
    ),
    our_question(
        text="What fitting wrong labels undoes is more of what a linear classifier does not explain",
        quantity="with 20 % wrong labels, from the most bits to the end: the loss of mu over that of I(F; Y)",
        rule=Below(0.5),
        values=_ask(_lost, "bits were lost", wrong=True),
        sweep=("explained",),
    ),
]
