"""A claim of a paper: what it says, what was recorded, how we measure it and by which rule it is decided.

A claim is a question put to the table of a sweep: one number a seed, in each unit that matters. What a sweep can't
answer is "not measured", with the reason. ``python -m rotelab.report.claims`` writes the tables of all of them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pandas

from rotelab.claims.verdicts import Interval, Rule, verdict
from rotelab.errors import Refusal

Values = Mapping[str, Iterable[float]]
"""Unit -> one number a seed."""
Ask = Callable[[pandas.DataFrame], Values]
"""Of the table of a claim's sweeps; NotMeasured, or another Refusal, says why there is no answer."""

NO_RUN = "no finished run"
NO_RECORD = "no record"
"""Where nobody recorded a number."""


class NotMeasured(Refusal):
    """Why the runs that there are can't answer; a sentence."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What is claimed where, the paper's and the recorded number, and how it is measured and decided.

    ``values`` takes the table of ``sweep`` (of several, one below the other) and gives the ``quantity`` in each unit.
    ``only`` names the one scale whose sizes the claim is about. ``dead`` claims are about runs that died, which are no
    evidence for any other: a claim whose answer they would change is not measured.
    """

    text: str
    where: str
    paper: str
    recorded: str = NO_RECORD
    quantity: str
    rule: Rule
    values: Ask
    sweep: tuple[str, ...] = ()
    only: str | None = None
    dead: bool = False


@dataclass(frozen=True)
class Answer:
    claim: Claim
    intervals: Mapping[str, Interval]
    verdict: str
    note: str = ""

    @property
    def ours(self) -> str:
        """``epochs: 1.20 [1.10, 1.30], 3 seeds``, or why there is nothing."""
        parts = []
        for unit, at in self.intervals.items():
            exact = at.low == at.high
            number = f"{at.mean:,.0f}" if float(at.mean).is_integer() else f"{at.mean:,.6g}"
            text = number if exact else f"{at.mean:.3g} [{at.low:.3g}, {at.high:.3g}]"
            parts.append(f"{unit}: {text}" if unit else text)
        seeds = {at.seeds for at in self.intervals.values()}
        counted = ""
        if len(seeds) == 1 and self.claim.sweep:
            (count,) = seeds
            counted = f", {count} seed{'s' * (count > 1)}"
        return "; ".join(parts) + counted if parts else self.note


def answer(claim: Claim, tables: Mapping[str, pandas.DataFrame], scale: str) -> Answer:
    """The verdict on a claim from the tables of the sweeps that have finished runs."""
    try:
        if claim.only and claim.only != scale:
            raise NotMeasured(f"a number of the sizes of scale={claim.only}")
        if missing := [sweep for sweep in claim.sweep if sweep not in tables]:
            raise NotMeasured(f"{NO_RUN} of sweep={missing[0]}")
        table = pandas.concat([tables[sweep] for sweep in claim.sweep]) if claim.sweep else pandas.DataFrame()
        if claim.sweep and not claim.dead:
            _check_dead(claim, table)
        intervals = _intervals(claim, table)
    except Refusal as error:
        return Answer(claim, {}, verdict(claim.rule, {}), str(error))
    return Answer(claim, intervals, verdict(claim.rule, intervals))


def _intervals(claim: Claim, table: pandas.DataFrame) -> dict[str, Interval]:
    interval = Interval.of if claim.sweep else Interval.exact
    return {unit: interval([float(value) for value in found]) for unit, found in claim.values(table).items()}


def _check_dead(claim: Claim, table: pandas.DataFrame) -> None:
    """Raises NotMeasured where runs that are dead have a part in the answer: without them it is another one."""

    def found(table: pandas.DataFrame) -> str:
        try:
            return repr(_intervals(claim, table))
        except Refusal as error:
            return str(error)

    dead = table.groupby("run").dead_since.first().notna()
    if dead.any() and found(table) != found(table[table.dead_since.isna()]):
        raise NotMeasured(f"{dead.sum()} of {len(dead)} runs of {', '.join(claim.sweep)} are dead")
