"""Answers: of one table or several, with a reason where there is none; runs that died are evidence for nothing else."""

from dataclasses import replace

import numpy  # noqa: F401  # whose threads are asked about
import pandas
import pytest
from tables import constant, runs, together
from threadpoolctl import threadpool_info, threadpool_limits

from rotelab.claims.claim import Answer, Claim, NotMeasured, answer
from rotelab.claims.verdicts import HOLDS, NOT_MEASURED, Above, Below, Within
from rotelab.results.lines import Line, dead, finals

LINES = {name: Line(name, {"objective": name}, "black") for name in ("split", "standard")}
CLAIM = Claim(
    text="Eq. (1) stays at chance",
    where="",
    paper="",
    quantity="",
    rule=Below(0.2),
    values=lambda table: {"": finals(table, LINES["split"])},
    sweep=("a",),
)


def table(dead: int = 0, seeds: int = 3) -> pandas.DataFrame:
    """Three runs of each objective, of which the first ones of Eq. (1) died after epoch 7."""
    both = together(*(runs({"objective": name}, {"accuracy/train": constant(0.1)}, seeds=range(3)) for name in LINES))
    both.loc[(both.objective == "split") & (both.seed < dead), "dead_since"] = 7
    return both


def asked(claim: Claim, table: pandas.DataFrame) -> Answer:
    return answer(claim, {"a": table}, "demo")


@pytest.mark.parametrize("dead", [1, 2, 3])
def test_a_claim_that_rests_on_dead_runs_is_not_measured(dead: int) -> None:
    found = asked(CLAIM, table(dead))
    assert (found.verdict, found.ours) == (NOT_MEASURED, f"{dead} of 6 runs of a are dead")


def test_a_claim_about_others_is_as_it_was() -> None:
    plain = replace(CLAIM, values=lambda table: {"": finals(table, LINES["standard"])})
    assert asked(plain, table(3)) == asked(plain, table())
    assert asked(plain, table(3)).verdict == HOLDS


def test_without_dead_runs_there_is_nothing_to_ask() -> None:
    assert asked(CLAIM, table()).verdict == HOLDS


def test_what_could_not_be_measured_either_way_keeps_its_reason() -> None:
    def values(_: pandas.DataFrame) -> dict:
        raise NotMeasured("nobody looked")

    assert asked(replace(CLAIM, values=values), table(2)).ours == "nobody looked"


def test_how_many_died_is_a_number_that_a_claim_may_ask_for() -> None:
    died = replace(
        CLAIM, dead=True, rule=Within(0.6, 0.7), values=lambda table: {"": [dead(table, LINES["split"]).mean()]}
    )
    assert asked(died, table(2)).intervals[""].mean == pytest.approx(2 / 3)
    assert asked(replace(died, dead=False), table(2)).verdict == NOT_MEASURED
    assert asked(replace(died, rule=Above(0.0)), table()).intervals[""].mean == 0


def rows_of_each(table: pandas.DataFrame) -> dict[str, list[float]]:
    return {"": [float(count) for count in table.groupby("run").value.sum()]}


def test_two_sweeps_are_one_table() -> None:
    both = replace(CLAIM, values=rows_of_each, sweep=("fig2a", "fig2b"))
    tables = {
        sweep: runs({"objective": sweep}, {"accuracy/train": constant(value)}, [1], seeds=[0])
        for sweep, value in (("fig2a", 0.25), ("fig2b", 0.75), ("fig2c", 9.0))
    }
    assert answer(both, tables, "small").intervals[""].mean == 0.5
    found = answer(both, {"fig2a": tables["fig2a"]}, "small")
    assert (found.verdict, found.note) == (NOT_MEASURED, "no finished run of sweep=fig2b")


def test_what_is_not_measured_has_a_reason() -> None:
    def values(_: pandas.DataFrame) -> dict[str, list[float]]:
        raise NotMeasured("for once")

    found = answer(replace(CLAIM, values=values, sweep=()), {}, "demo")
    assert (found.verdict, found.ours, dict(found.intervals)) == (NOT_MEASURED, "for once", {})


def test_a_fault_of_a_claim_is_no_reason() -> None:
    def values(_: pandas.DataFrame) -> dict[str, list[float]]:
        (_, _) = (1, 2, 3)  # ty: ignore[invalid-assignment]
        return {}

    for claim in (replace(CLAIM, values=values, sweep=()), replace(CLAIM, values=values)):
        with pytest.raises(ValueError, match="too many values"):
            answer(claim, {"fig2a": table(2), "fig2b": table(2), **{sweep: table(2) for sweep in claim.sweep}}, "demo")


def threads() -> int:
    """Of the library that has most."""
    return max(library["num_threads"] for library in threadpool_info())


def test_arithmetic_computes_with_one_thread_and_puts_back_how_many_there_were() -> None:
    exact = replace(CLAIM, sweep=(), values=lambda _: {"": [float(threads())]})
    with threadpool_limits(2):
        assert answer(exact, {}, "demo").intervals[""].mean == 1
        assert threads() == 2
