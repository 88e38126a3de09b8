"""A claim of a paper: what it says, what was recorded, how we measure it and by which rule it is decided.

A claim is a question put to the table of a sweep: a sample, one number a seed, in each unit that matters. What a sweep
can't answer is "not measured", with the reason. ``python -m rotelab.report.claims`` writes the tables of all of them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, partial

import pandas
from threadpoolctl import threadpool_limits

from rotelab.claims.multiplicity import p_value
from rotelab.claims.samples import Exact, Mean, Sample
from rotelab.claims.verdicts import Interval, Rule, verdict
from rotelab.errors import Refusal
from rotelab.plurals import plural
from rotelab.results import lines

Values = Mapping[str, Sample | Iterable[float]]
"""Unit -> what was measured: a sample, or one number a seed, which are a ``Mean``."""
Ask = Callable[[pandas.DataFrame], Values]
"""Of the table of a claim's sweeps; NotMeasured, or another Refusal, says why there is no answer."""

CLAIM, CHECK, EXACT = "claim", "check", "exact"
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
    evidence for any other: a claim whose answer they would change is not measured. ``check`` says why it is none of the
    paper's that could come out either way: it asks whether runs are what they were made to be. Without a sweep it is
    arithmetic; ``by_seed`` says that it draws, or trains small networks, by several seeds itself.
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
    check: str = ""
    by_seed: bool = False

    @property
    def kind(self) -> str:
        """``claim``, ``check`` of the set-up, or ``exact``: by arithmetic, without runs."""
        return CHECK if self.check else CLAIM if self.sweep or self.by_seed else EXACT


our_question = partial(Claim, where="our question", paper="none")
"""A claim that no paper makes."""


@dataclass(frozen=True)
class Answer:
    """What was measured in each unit, or in the ``note`` why nothing was."""

    claim: Claim
    samples: Mapping[str, Sample]
    note: str = ""
    over: str = ""
    """What its seeds draw, where it is not the weights alone."""

    @cached_property
    def intervals(self) -> dict[str, Interval]:
        return {unit: sample.interval() for unit, sample in self.samples.items()}

    @cached_property
    def verdict(self) -> str:
        return verdict(self.claim.rule, self.intervals)

    @cached_property
    def p(self) -> float | None:
        """Of the verdict; None of what was not measured, and of arithmetic."""
        return p_value(self.claim.rule, self.samples) if self.samples and self.claim.kind != EXACT else None

    @property
    def ours(self) -> str:
        """``epochs: 1.20 [1.10, 1.30], 3 seeds``, or why there is nothing."""
        parts = [f"{unit}: {at}" if unit else str(at) for unit, at in self.intervals.items()]
        seeds = {at.seeds for at in self.intervals.values()}
        counted = ""
        if len(seeds) == 1 and self.claim.kind != EXACT:
            (count,) = seeds
            counted = f", {plural(count, 'seed')}{self.over}"
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
        return Answer(claim, _samples(claim, table), over=lines.over(table))
    except Refusal as error:
        return Answer(claim, {}, str(error))


def _samples(claim: Claim, table: pandas.DataFrame) -> dict[str, Sample]:
    if not claim.sweep:
        return {**_without_runs(claim.values, claim.by_seed)}
    return {unit: _sample(found) for unit, found in claim.values(table).items()}


@cache
def _without_runs(values: Ask, by_seed: bool) -> Mapping[str, Sample]:
    """Seconds, once in a process, of one thread: products of matrices so small wait for a second one many times as long
    as they compute. A number a seed of what is asked ``by_seed``, else one."""
    with threadpool_limits(1):
        found = values(pandas.DataFrame())
    return {unit: _sample(of, by_seed) for unit, of in found.items()}


def _sample(found: Sample | Iterable[float], by_seed: bool = True) -> Sample:
    if not isinstance(found, Iterable):
        return found
    values = tuple(map(float, found))
    return Mean(values) if by_seed else Exact(*values)


def _check_dead(claim: Claim, table: pandas.DataFrame) -> None:
    """Raises NotMeasured where runs that are dead have a part in the answer: without them it is another one."""

    def found(table: pandas.DataFrame) -> str:
        try:
            return repr(_samples(claim, table))
        except Refusal as error:
            return str(error)

    dead = table.groupby("run").dead_since.first().notna()
    if dead.any() and found(table) != found(table[table.dead_since.isna()]):
        raise NotMeasured(f"{dead.sum()} of {len(dead)} runs of {', '.join(claim.sweep)} are dead")
