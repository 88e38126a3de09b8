"""Radii of parameters and inputs."""

from functools import partial

import asking
import pandas
import pytest
from tables import Curve, constant, runs, straight, together

from rotelab.claims.verdicts import FAILS, HOLDS, NOT_MEASURED
from rotelab.experiments.gradient_splitting.claims import stability

ask, verdict = partial(asking.ask, stability.CLAIMS), partial(asking.verdict, stability.CLAIMS)

SEEDS = (0, 1, 2)


def radii(split: Curve, standard: Curve, what: str = "parameter", last: float = 0.9) -> pandas.DataFrame:
    """Median radii at every epoch, of ``what``; those of the other are 1. Train accuracy goes to ``last``."""
    tables = []
    for objective, curve in (("split", split), ("standard", standard)):
        curves = {"accuracy/train": straight(last if objective == "split" else 0.9, 9)}
        for each in ("parameter", "input"):
            radius = curve if each == what else constant(1.0)
            curves |= {f"{each}_radius_median/train": radius, f"{each}_radius_worst/train": constant(0.001)}
        tables.append(runs({"objective": objective, "data/split": "thirds"}, curves, range(10), seeds=SEEDS))
    return together(*tables)


@pytest.mark.parametrize(
    ("text", "what"),
    [("A network that memorized is less stable in its parameters", "parameter"), ("... and in its inputs", "input")],
)
def test_radii_of_both_objectives(text: str, what: str) -> None:
    found = ask(text, radii(constant(0.1), constant(0.4), what))
    assert found.verdict == HOLDS
    assert found.intervals["at train accuracy 0.9"].mean == pytest.approx(-2)
    assert verdict(text, radii(constant(0.4), constant(0.1), what)) == FAILS
    assert verdict(text, radii(constant(0.4), constant(0.4), what)) == FAILS


def test_radii_are_compared_at_the_highest_accuracy_of_all_runs() -> None:
    found = ask("... and in its inputs", radii(constant(0.1), constant(0.4), "input", last=0.5))
    assert list(found.intervals) == ["at train accuracy 0.5"]
    apart = radii(constant(0.1), constant(0.4))
    split = apart.objective == "split"
    apart = apart[(split & (apart.epoch == 3)) | (~split & (apart.epoch == 7))]
    found = ask("... and in its inputs", apart)
    assert (found.verdict, found.ours) == (
        NOT_MEASURED,
        "no train accuracy at which the radii of all seeds were measured",
    )


def test_radii_of_one_objective() -> None:
    table = radii(constant(0.1), constant(0.4))
    found = ask("... and in its inputs", table[table.objective == "split"])
    assert (found.verdict, found.ours) == (NOT_MEASURED, "radii of one objective only")


def test_radii_that_nobody_measured() -> None:
    table = radii(constant(0.1), constant(0.4))
    found = ask("... and in its inputs", table[table.metric == "accuracy"])
    assert found.verdict == NOT_MEASURED
    assert "measure=stability" in found.ours


@pytest.mark.parametrize(
    ("inputs", "share", "expected"), [(0.5, 1, HOLDS), (2.0, 0, FAILS)], ids=["alike", "the other way"]
)
def test_radii_together(inputs: float, share: float, expected: str) -> None:
    """The memorizing network's radius of parameters is half of the plain one's, that of inputs ``inputs`` of it."""
    tables = []
    for objective, parameter, input_ in (("split", 0.5, inputs), ("standard", 1.0, 1.0)):
        curves = {
            "accuracy/train": straight(0.9, 9),
            "parameter_radius_median/train": constant(parameter),
            "input_radius_median/train": constant(input_),
            "parameter_radius_worst/train": constant(1.0),
            "input_radius_worst/train": constant(1.0),
        }
        tables.append(runs({"objective": objective, "data/split": "thirds"}, curves, range(10), seeds=SEEDS))
    found = ask("Where the one is smaller, so is the other", together(*tables))
    assert found.verdict == expected
    assert found.intervals[""].mean == share
    alone = ask("Where the one is smaller, so is the other", tables[0])
    assert alone.verdict == NOT_MEASURED
