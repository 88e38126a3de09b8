"""Runs that died are evidence for nothing but that runs die."""

from dataclasses import replace

import pandas
import pytest
from tables import constant, runs, together

from rotelab.claims.claim import Answer, Claim, NotMeasured, answer
from rotelab.claims.verdicts import HOLDS, NOT_MEASURED, Above, Below, Within
from rotelab.figures import curves
from rotelab.figures.curves import Line

LINES = {name: Line(name, {"objective": name}, "black") for name in ("split", "standard")}
CLAIM = Claim(
    "Eq. (1) stays at chance",
    "",
    "",
    "",
    "",
    Below(0.2),
    lambda table: {"": curves.finals(table, LINES["split"])},
    ("a",),
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
    plain = replace(CLAIM, values=lambda table: {"": curves.finals(table, LINES["standard"])})
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
        CLAIM, dead=True, rule=Within(0.6, 0.7), values=lambda table: {"": [curves.dead(table, LINES["split"]).mean()]}
    )
    assert asked(died, table(2)).intervals[""].mean == pytest.approx(2 / 3)
    assert asked(replace(died, dead=False), table(2)).verdict == NOT_MEASURED
    assert asked(replace(died, rule=Above(0.0)), table()).intervals[""].mean == 0
