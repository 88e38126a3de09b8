"""Larger sets: of Figure 2c, and of Figures S1a and S1b."""

import warnings
from collections.abc import Callable
from functools import partial
from math import exp, log2

import asking
import pandas
import pytest
from tables import constant, runs, together

from rotelab.claims.verdicts import DEPENDS, FAILS, HOLDS, NOT_MEASURED
from rotelab.experiments.gradient_splitting.claims import fig2c, figs1

CLAIMS = [*fig2c.CLAIMS, *figs1.CLAIMS]
ask, verdict = partial(asking.ask, CLAIMS), partial(asking.verdict, CLAIMS)

SEEDS = (0, 1, 2)


SIZES = (64, 128, 256)
Accuracy = Callable[[int, int, int, int], float]
"""By size, epoch, step and seed."""


def by_size(
    value: Accuracy, sweep: str = "fig2c", inputs: str = "gaussian_blend", epochs: int = 40
) -> pandas.DataFrame:
    """Sets of three sizes, in batches of 16; ``value`` of the size, and the epoch or step that ``unit`` says."""
    tables = []
    for size in SIZES:

        def accuracy(epoch: int, step: int, seed: int, size: int = size) -> float:
            return value(size, epoch, step, seed)

        curves = {"accuracy/train": accuracy, "accuracy/pseudo_test": constant(0.1)}
        where = {"objective": "threshold", "data/inputs": inputs, "data.size": size}
        tables.append(runs(where, curves, range(epochs + 1), steps=size // 16, seeds=SEEDS))
    other = "clean" if inputs == "gaussian_blend" else "gaussian_blend"
    never = {"accuracy/train": constant(0.1), "accuracy/pseudo_test": constant(0.1)}
    if sweep == "fig2c":  # which has both inputs
        where = {"objective": "threshold", "data/inputs": other}
        tables += [runs(where | {"data.size": size}, never, range(epochs + 1), seeds=SEEDS) for size in SIZES]
    return together(*tables)


def of_steps(size: int, epoch: int, step: int, seed: int) -> float:
    """Learned by steps alone, whatever the size."""
    return 1 - exp(-step / (80 + seed))


def reversing(size: int, epoch: int, step: int, seed: int) -> float:
    """Four times the size takes twice the steps, which are half the epochs."""
    return 1 - exp(-step / (80 + seed) / (size / 64) ** 0.5)


def easier(size: int, epoch: int, step: int, seed: int) -> float:
    """Twice the size takes half the steps."""
    return 1 - exp(-step / (400 + seed) * (size / 64))


def harder(size: int, epoch: int, step: int, seed: int) -> float:
    """Twice the size takes twice the epochs."""
    return 1 - exp(-epoch / (5 + seed) / (size / 64))


NOISE_SIZES, IMAGE_SIZES = (
    f"Larger sets of {what} are memorized {how} easily" for what, how in (("noise", "more"), ("images", "less"))
)


def test_sets_learned_by_steps_are_easier_in_epochs_and_the_same_in_steps() -> None:
    found = ask(NOISE_SIZES, by_size(of_steps))
    epochs, steps, images = (found.intervals[unit] for unit in ("epochs", "optimizer steps", "images"))
    assert epochs.low > 0.1
    assert steps.mean == pytest.approx(0, abs=0.005)
    assert images.mean == pytest.approx(steps.mean)  # batches of one size


@pytest.mark.parametrize(
    ("value", "expected"),
    [(easier, HOLDS), (reversing, DEPENDS), (harder, FAILS)],
    ids=["easier", "reversing", "harder"],
)
def test_larger_sets_of_noise(value: Accuracy, expected: str) -> None:
    found = ask(NOISE_SIZES, by_size(value))
    assert found.verdict == expected
    assert list(found.intervals) == ["epochs", "optimizer steps", "images"]
    assert {interval.seeds for interval in found.intervals.values()} == {3}


@pytest.mark.parametrize(
    ("value", "expected"),
    [(harder, HOLDS), (reversing, DEPENDS), (easier, FAILS)],
    ids=["harder", "reversing", "easier"],
)
def test_larger_sets_of_images(value: Accuracy, expected: str) -> None:
    assert verdict(IMAGE_SIZES, by_size(value, inputs="clean")) == expected


def test_the_control_is_asked_of_plain_training_alone() -> None:
    threshold, standard = by_size(easier), by_size(harder).assign(objective="standard")
    both = together(threshold, standard.assign(run=standard.run + "-plain"))
    assert verdict(NOISE_SIZES, both) == HOLDS
    assert verdict("Plain training: larger sets of noise are learned more easily", both) == FAILS


@pytest.mark.parametrize("name", ["figs1a", "figs1b"])
@pytest.mark.parametrize("value", [easier, reversing, harder], ids=["easier", "reversing", "harder"])
def test_larger_sets_of_resnet18(name: str, value: Accuracy) -> None:
    what, how, inputs = {"figs1a": ("noise", "more", "gaussian_blend"), "figs1b": ("images", "less", "clean")}[name]
    found = ask(f"ResNet18: larger sets of {what} are memorized {how} easily", by_size(value, name, inputs))
    expected = next(said for one, said in ((easier, HOLDS), (reversing, DEPENDS), (harder, FAILS)) if one is value)
    if how == "less":
        expected = {HOLDS: FAILS, FAILS: HOLDS}.get(expected, expected)
    assert found.verdict == expected


RESNET = "ResNet18: larger sets of noise are memorized more easily"


@pytest.mark.parametrize("claim", [NOISE_SIZES, IMAGE_SIZES, RESNET])
def test_one_size_alone_says_nothing_of_larger_sets(claim: str) -> None:
    """As in a sweep that has only begun."""
    table = by_size(easier).query("`data.size` == 64")
    table = table if claim != RESNET else table[table["data/inputs"] == "gaussian_blend"]
    with warnings.catch_warnings(action="error"):
        found = ask(claim, table)
    assert (found.verdict, found.ours) == (NOT_MEASURED, "there is one size of the set alone")


def test_sizes_per_doubling() -> None:
    """An accuracy that is the logarithm of the size: one more tenth every time it doubles, in every unit."""
    found = ask(NOISE_SIZES, by_size(lambda size, epoch, step, seed: 0.1 * log2(size / 64)))
    assert [interval.mean for interval in found.intervals.values()] == pytest.approx([0.1] * 3)


def test_the_budget_of_steps_is_that_of_the_smallest_set() -> None:
    """Accuracy grows to 1 at step 160: the last one of the smallest set, whose mean is 1/2 then, as all are."""
    table = by_size(lambda size, epoch, step, seed: min(1.0, step / 160))
    means = {unit: interval.mean for unit, interval in ask(NOISE_SIZES, table).intervals.items()}
    assert means["optimizer steps"] == pytest.approx(0)
    assert means["epochs"] == pytest.approx((0.875 - 0.5) / 2)  # over 40 epochs: 1/2, 3/4 and 7/8, of three sizes


def test_sets_too_unlike_for_one_budget_are_not_measured() -> None:
    """In 3 epochs of 4 steps there is no epoch of 16."""
    found = ask(NOISE_SIZES, by_size(of_steps, epochs=3))
    assert found.verdict == NOT_MEASURED
    assert "fewer steps than an epoch" in found.ours
