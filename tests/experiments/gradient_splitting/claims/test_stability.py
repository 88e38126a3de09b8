"""Radii of parameters and inputs."""

from functools import partial
from itertools import product
from math import isnan

import asking
import pandas
import pytest
from tables import Curve, constant, runs, straight, together

from rotelab.claims.verdicts import DEPENDS, FAILS, HOLDS, NOT_MEASURED
from rotelab.experiments.gradient_splitting.claims import stability
from rotelab.experiments.gradient_splitting.stability import STATISTICS, summary, within

ask, verdict = partial(asking.ask, stability.CLAIMS), partial(asking.verdict, stability.CLAIMS)

SEEDS = (0, 1, 2)


STABLE = {
    ("parameter", "worst"): "A network that memorized is less stable in its parameters",
    ("input", "worst"): "... and in its inputs",
    ("parameter", "median"): "In a typical direction it is less stable in its parameters",
    ("input", "median"): "... in a typical direction, in its inputs",
}


def radii(
    split: Curve, standard: Curve, what: str = "parameter", of: tuple[str, ...] = tuple(STATISTICS), last: float = 0.9
) -> pandas.DataFrame:
    """Radii ``of`` some kinds at every epoch, of ``what``; the others are alike. Train accuracy goes to ``last``."""
    tables = []
    for objective, curve in (("split", split), ("standard", standard)):
        curves = {"accuracy/train": straight(last if objective == "split" else 0.9, 9)}
        for each, statistic in product(("parameter", "input"), STATISTICS):
            asked = each == what and statistic in of
            curves[f"{each}_radius_{statistic}/train"] = curve if asked else constant(1.0)
        tables.append(runs({"objective": objective, "data/split": "thirds"}, curves, range(10), seeds=SEEDS))
    return together(*tables)


@pytest.mark.parametrize(("what", "statistic"), STABLE)
def test_radii_of_both_objectives(what: str, statistic: str) -> None:
    text = STABLE[what, statistic]
    found = ask(text, radii(constant(0.1), constant(0.4), what))
    assert found.verdict == HOLDS
    assert [at.mean for at in found.intervals.values()] == pytest.approx([-2] * (2 if statistic == "worst" else 1))
    assert all(unit.endswith(", at train accuracy 0.9") for unit in found.intervals)
    assert verdict(text, radii(constant(0.4), constant(0.1), what)) == FAILS
    assert verdict(text, radii(constant(0.4), constant(0.4), what)) == FAILS


def test_in_any_direction_is_in_the_worst_of_many_and_along_the_gradient() -> None:
    """The median decides a claim of its own alone."""
    text, typical = STABLE["parameter", "worst"], STABLE["parameter", "median"]
    median, one = (radii(constant(0.1), constant(0.4), of=of) for of in (("median",), ("median", "worst")))
    assert (verdict(text, median), verdict(typical, median)) == (FAILS, HOLDS)
    assert (verdict(text, one), verdict(typical, one)) == (DEPENDS, HOLDS)


def test_radii_are_compared_at_the_highest_accuracy_of_all_runs() -> None:
    text = STABLE["input", "median"]
    found = ask(text, radii(constant(0.1), constant(0.4), "input", last=0.5))
    assert list(found.intervals) == ["median random direction, at train accuracy 0.5"]
    apart = radii(constant(0.1), constant(0.4))
    split = apart.objective == "split"
    apart = apart[(split & (apart.epoch == 3)) | (~split & (apart.epoch == 7))]
    found = ask(text, apart)
    assert (found.verdict, found.ours) == (
        NOT_MEASURED,
        "no train accuracy at which the radii of all seeds were measured",
    )


def test_radii_of_one_objective() -> None:
    table = radii(constant(0.1), constant(0.4))
    found = ask(STABLE["input", "worst"], table[table.objective == "split"])
    assert (found.verdict, found.ours) == (NOT_MEASURED, "radii of one objective only")


def test_radii_that_nobody_measured() -> None:
    table = radii(constant(0.1), constant(0.4))
    found = ask(STABLE["input", "worst"], table[table.metric == "accuracy"])
    assert found.verdict == NOT_MEASURED
    assert "measure=stability" in found.ours


def test_radii_that_go_together_only_because_both_shrink_with_the_accuracy() -> None:
    """Over all networks the order is one; among those of an objective and a level it is turned around."""
    points = pandas.DataFrame(
        [
            (objective, level, 100 * shrinks + place, 100 * shrinks - place)
            for objective, level, shrinks in (("split", 0.3, 1), ("split", 0.5, 2), ("standard", 0.3, 3))
            for place in range(3)
        ],
        columns=["objective", "level", "parameter", "input"],
    )
    assert points.parameter.corr(points.input, method="spearman") > 0.7
    assert within(points) == pytest.approx(-1)
    assert isnan(within(points.drop_duplicates(["objective", "level"])))


def test_what_one_network_of_each_objective_and_level_can_not_say_is_not_said() -> None:
    table = radii(straight(0.1, 9), constant(0.4))
    measured = table.metric.str.contains("radius")
    table.loc[measured, "value"] += 0.01 * (table.seed + 3 * (table.objective == "split"))[measured]
    assert summary(table).count("within objective and level") == len(STATISTICS)
    one = summary(table[table.seed == 0].groupby(["objective", "metric", "split"]).tail(1))
    assert "over 2 networks" in one
    assert "within" not in one and "nan" not in one
