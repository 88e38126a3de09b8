"""More noise in the images."""

from functools import partial

import asking
import pandas
import pytest
from tables import Curve, constant, runs, sooner, together

from rotelab.claims.verdicts import FAILS, HOLDS, NOT_MEASURED
from rotelab.experiments.gradient_splitting.claims import fig2b

ask, verdict = partial(asking.ask, fig2b.CLAIMS), partial(asking.verdict, fig2b.CLAIMS)

SEEDS = (0, 1, 2)


def by(column: str, curves: dict[float, Curve], **where: object) -> pandas.DataFrame:
    """Runs of each value of a column."""
    tables = [
        runs({"objective": "threshold", **where, column: value}, {"accuracy/train": curve}, seeds=SEEDS)
        for value, curve in curves.items()
    ]
    return together(*tables)


@pytest.mark.parametrize(("epochs", "expected"), [((9, 5, 3, 2), HOLDS), ((2, 3, 5, 9), FAILS), ((9, 5, 3, 4), HOLDS)])
def test_more_noise(epochs: tuple[int, ...], expected: str) -> None:
    curves = {noise: sooner(after) for noise, after in zip((0.0, 0.5, 0.9, 1.0), epochs, strict=True)}
    assert verdict("The more noise, the fewer epochs", by("data.inputs.noise", curves)) == expected


def test_the_control_is_asked_of_plain_training_alone() -> None:
    curves = {noise: sooner(after) for noise, after in zip((0.0, 0.5, 0.9, 1.0), (9, 5, 3, 2), strict=True)}
    slower = {noise: sooner(after) for noise, after in zip((0.0, 0.5, 0.9, 1.0), (2, 3, 5, 9), strict=True)}
    standard = by("data.inputs.noise", slower).assign(objective="standard")
    both = together(by("data.inputs.noise", curves), standard.assign(run=standard.run + "-plain"))
    assert verdict("The more noise, the fewer epochs", both) == HOLDS
    assert verdict("... and the fewer epochs of plain training", both) == FAILS


def test_noise_that_makes_no_difference_is_not_measured(recwarn: pytest.WarningsRecorder) -> None:
    curves = {noise: constant(0.1) for noise in (0.0, 0.5, 1.0)}
    assert verdict("The more noise, the fewer epochs", by("data.inputs.noise", curves)) == NOT_MEASURED
