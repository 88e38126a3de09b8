"""Targets of the pseudo-test accuracy."""

from functools import partial

import asking
import pandas
import pytest
from tables import Curve, constant, runs, sooner, straight, together

from rotelab.claims.verdicts import FAILS, HOLDS, NOT_MEASURED
from rotelab.experiments.gradient_splitting.claims import fig2d

ask, verdict = partial(asking.ask, fig2d.CLAIMS), partial(asking.verdict, fig2d.CLAIMS)

SEEDS = (0, 1, 2)


def targets(epochs: dict[float, int], both: Curve | None = None, reached: float = 0.9) -> pandas.DataFrame:
    """Runs of each u = l whose pseudo-test accuracy is ``reached``, with those at 1 if ``both`` is given, and plain
    training."""
    curves = {u: sooner(after) for u, after in epochs.items()} | ({1.0: both} if both else {})
    plain = {"objective": "standard", "data/inputs": "clean"}
    tables = [
        runs(
            {"objective": "target", "objective.u": u},
            {"accuracy/train": curve, "accuracy/pseudo_test": constant(reached)},
            seeds=SEEDS,
        )
        for u, curve in curves.items()
    ]
    return together(*tables, runs(plain, {"accuracy/train": constant(0.5)}, seeds=SEEDS))


@pytest.mark.parametrize(("epochs", "expected"), [((9, 6, 3), HOLDS), ((3, 6, 9), FAILS)])
def test_higher_targets(epochs: tuple[int, ...], expected: str) -> None:
    """The target of 1, which is learning both halves, is no part of the order."""
    table = targets(dict(zip((0.2, 0.5, 0.85), epochs, strict=True)), both=constant(0.4 if expected == HOLDS else 1.0))
    found = ask("The larger u = l, the easier", table)
    assert found.verdict == expected
    assert found.intervals[""].mean == pytest.approx(1 if expected == HOLDS else -1)


@pytest.mark.parametrize(("epochs", "both", "expected"), [(3, 0.4, HOLDS), (25, 0.4, FAILS), (25, 0.1, HOLDS)])
def test_targets_beyond_learning_both_halves(epochs: int, both: float, expected: str) -> None:
    """Only the highest target below 1 is asked."""
    table = targets({0.2: 1, 0.85: epochs}, both=straight(both, 10))
    assert verdict("... by more than learning the pseudo-test half as well", table) == expected


def test_targets_without_the_one_of_both_halves() -> None:
    found = ask("... by more than learning the pseudo-test half as well", targets({0.2: 9, 0.85: 3}))
    assert (found.verdict, found.ours) == (NOT_MEASURED, "the sweep has no objective.u=1")


def test_a_target_that_was_never_reached_is_learning_both_halves() -> None:
    table = targets({0.2: 1, 0.85: 9}, both=sooner(9), reached=0.53)
    found = ask("... by more than learning the pseudo-test half as well", table)
    assert found.verdict == NOT_MEASURED
    assert found.ours.startswith("the pseudo-test accuracy never came to 0.85 (0.53 at most)")
