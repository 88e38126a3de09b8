"""Peaks and ends of the gradient."""

from functools import partial
from math import log2

import asking
import pandas
import pytest
from tables import Curve, constant, runs, straight, together

from rotelab.claims.verdicts import FAILS, HOLDS, NOT_MEASURED
from rotelab.experiments.gradient_splitting.claims import gradient_norm

ask, verdict = partial(asking.ask, gradient_norm.CLAIMS), partial(asking.verdict, gradient_norm.CLAIMS)

SEEDS = (0, 1, 2)


def peaking(height: float, at: int, end: float) -> Curve:
    """A peak of ``height`` at an epoch, and ``end`` at all others."""
    return lambda epoch, step, seed: height if epoch == at else end


def gradients(
    metric: str, plain: Curve, split: Curve, fitted: float = 0.95, memorized: float = 0.95
) -> pandas.DataFrame:
    """Norms of 100 epochs, after which plain training has the train accuracy ``fitted``, Eq. (1) ``memorized``."""
    tables = []
    for objective, curve, last in (("standard", plain, fitted), ("split", split, memorized)):
        curves = {f"{metric}/first_layer": curve, "accuracy/train": straight(last, 100)}
        tables.append(runs({"objective": objective, "data/split": "thirds"}, curves, range(101), seeds=SEEDS))
    return together(*tables)


@pytest.mark.parametrize(
    ("height", "at", "end", "expected"),
    [
        (0.9, 50, 5e-6, (HOLDS, HOLDS, HOLDS)),
        (1.0, 30, 1e-6, (HOLDS, HOLDS, HOLDS)),
        (3.85, 72, 1.4e-5, (FAILS, FAILS, FAILS)),
        (0.5, 20, 1e-7, (FAILS, FAILS, FAILS)),
    ],
)
def test_the_last_batch_of_plain_training(height: float, at: int, end: float, expected: tuple[str, ...]) -> None:
    table = gradients("last_batch_gradient_norm", peaking(height, at, end), constant(7.0))
    texts = (
        "Under plain training the first layer's gradient peaks just under 1",
        "... around epoch 50",
        "... and ends at 5e-6",
    )
    assert tuple(verdict(text, table, "paper") for text in texts) == expected


@pytest.mark.parametrize(
    ("height", "end", "expected"),
    [(0.1, 5e-3, (HOLDS, HOLDS)), (0.3, 0.02, (FAILS, FAILS)), (0.01, 1e-4, (FAILS, FAILS))],
)
def test_the_last_batch_of_gradient_splitting(height: float, end: float, expected: tuple[str, ...]) -> None:
    table = gradients("last_batch_gradient_norm", constant(7.0), peaking(height, 50, end))
    texts = ("Under Eq. (1) it peaks at 0.1", "... and ends at 5e-3")
    assert tuple(verdict(text, table, "paper") for text in texts) == expected


@pytest.mark.parametrize("text", ["... around epoch 50", "... and ends at 5e-3"])
def test_the_last_batch_of_a_run_that_was_stopped_on_its_way_says_nothing(text: str) -> None:
    curve = peaking(0.9, 20, 1e-7)
    found = ask(text, gradients("last_batch_gradient_norm", curve, curve, fitted=0.6, memorized=0.7), "paper")
    assert found.verdict == NOT_MEASURED
    assert found.ours.endswith("stopped at 0.70" if "e-3" in text else "stopped at 0.60")


@pytest.mark.parametrize(
    ("metric", "name"), [("last_batch_gradient_norm", "last batch"), ("gradient_norm", "all training batches")]
)
def test_gradients_of_both_objectives(metric: str, name: str) -> None:
    peak = f"The gradient's peak is higher under Eq. (3) than under Eq. (1), {name}"
    end = f"... and its end lower, {name}"
    high, low = peaking(1.0, 50, 5e-6), peaking(0.1, 50, 5e-3)
    found = [ask(text, gradients(metric, high, low)) for text in (peak, end)]
    assert [each.verdict for each in found] == [HOLDS, HOLDS]
    assert [each.intervals[""].mean for each in found] == pytest.approx([log2(10), log2(1e-3)])
    assert [verdict(text, gradients(metric, low, high)) for text in (peak, end)] == [FAILS, FAILS]
    stopped = ask(end, gradients(metric, high, low, fitted=0.6))
    assert stopped.verdict == NOT_MEASURED
    assert stopped.ours == "plain training, Eq. (3), train: it was stopped at 0.60"
    unfinished = gradients(metric, high, low, memorized=0.5)  # the paper's own end is one on its way
    assert verdict(end, unfinished) == HOLDS
