"""Claims of Figure 1: tables for which they hold, fail, or can not be asked."""

from collections.abc import Iterable
from functools import partial
from math import log2

import asking
import pandas
import pytest
from tables import Curve, constant, runs, straight, together

from rotelab.claims.verdicts import DEPENDS, FAILS, HOLDS, NOT_MEASURED, UNDECIDED
from rotelab.experiments.gradient_splitting.claims import fig1

ask, verdict = partial(asking.ask, fig1.CLAIMS), partial(asking.verdict, fig1.CLAIMS)

SEEDS = (0, 1, 2)


def both(
    split: dict[str, Curve],
    standard: dict[str, Curve] | None = None,
    kind: str = "test_set",
    epochs: Iterable[int] = range(41),
    standard_epochs: Iterable[int] | None = None,
    seeds: Iterable[int] = SEEDS,
) -> pandas.DataFrame:
    """Runs of both objectives on one choice of what is unlearned; curves by split, plain training's as Eq. (1)'s."""
    tables = []
    for objective, curves, until in (
        ("split", split, epochs),
        ("standard", standard or split, standard_epochs or epochs),
    ):
        accuracies = {f"accuracy/{split}": curve for split, curve in curves.items()}
        tables.append(runs({"objective": objective, "data/split": kind}, accuracies, until, seeds=seeds))
    return together(*tables)


MEMORIZED = "Gradient splitting comes to 90 % of the train split"
SIX = range(6)
"""Seeds, all of which decide about a share above a half."""


def test_memorized() -> None:
    assert verdict(MEMORIZED, both({"train": straight(0.95, 40)}, seeds=SIX)) == HOLDS
    assert verdict(MEMORIZED, both({"train": straight(0.95, 40)})) == UNDECIDED, "three seeds"
    long = (0, 1000, fig1.RECORDED_EPOCHS)
    assert verdict(MEMORIZED, both({"train": straight(0.85, long[-1])}, epochs=long, seeds=SIX)) == FAILS
    crossing = ask(MEMORIZED, both({"train": constant(0.86, spread=0.03)}, epochs=long, seeds=SIX))
    assert (crossing.verdict, crossing.intervals[""].mean) == (UNDECIDED, pytest.approx(4 / 6))


def test_a_run_that_came_there_and_went_on_has_memorized() -> None:
    there_and_back: dict[str, Curve] = {"train": lambda epoch, step, seed: 0.92 if epoch == 20 else 0.8}
    assert verdict(MEMORIZED, both(there_and_back, seeds=SIX)) == HOLDS


def test_memorized_is_not_measured_by_a_run_that_is_shorter_than_the_record() -> None:
    found = ask(MEMORIZED, both({"train": constant(0.7, spread=0.05)}))
    assert found.verdict == NOT_MEASURED
    assert found.ours.startswith("train accuracy 0.70 to 0.80 at best, in 40 of")
    assert str(fig1.RECORDED_EPOCHS) in found.ours


def test_memorized_is_asked_of_the_case_with_the_test_set() -> None:
    good, bad = ({"train": straight(last, 40)} for last in (0.95, 0.2))
    table = together(both(bad, kind="equal_halves", seeds=SIX), both(good, kind="whole_test_set", seeds=SIX))
    assert verdict(MEMORIZED, table) == HOLDS
    other = together(both(good, kind="equal_halves"), both(good, kind="halves"))
    found = ask(MEMORIZED, other)
    assert (found.verdict, found.ours) == (NOT_MEASURED, "the sweep has no data/split=test_set")


def test_the_only_case_there_is_answers() -> None:
    assert verdict(MEMORIZED, both({"train": straight(0.95, 40)}, kind="thirds", seeds=SIX)) == HOLDS


@pytest.mark.parametrize(("last", "expected"), [(0.02, HOLDS), (0.2, FAILS)])
def test_unlearned(last: float, expected: str) -> None:
    table = both({"train": constant(0.9), "pseudo_test": constant(last)})
    assert verdict("... with a test accuracy near 0", table) == expected


def test_unlearned_says_nothing_where_little_was_learned() -> None:
    table = both({"train": constant(0.6), "pseudo_test": constant(0.01)})
    found = ask("... with a test accuracy near 0", table)
    assert (found.verdict, found.ours) == (NOT_MEASURED, "the train accuracy is 0.60 to 0.60, not 0.9")


def test_chance_is_no_evidence_where_nothing_was_learned() -> None:
    table = both({"train": constant(0.12), "held_out": constant(0.1)}, kind="halves")
    assert verdict("... so that accuracy on it is no better than chance", table) == NOT_MEASURED


@pytest.mark.parametrize(("held_out", "expected"), [(0.3, HOLDS), (0.9, FAILS)])
def test_the_unseen_set_is_compared_at_the_same_train_accuracy(held_out: float, expected: str) -> None:
    """Held-out accuracy is ``held_out`` of the train accuracy under Eq. (1), 0.8 of it under Eq. (3)."""
    split = {"train": straight(0.5, 40), "held_out": straight(0.5 * held_out, 40)}
    standard = {"train": straight(1.0, 10), "held_out": straight(0.8, 10)}
    found = ask(
        "A test set that nobody knew of is hit as well",
        both(split, standard, "equal_halves", standard_epochs=range(11)),
    )
    assert found.verdict == expected
    assert list(found.intervals) == ["at train accuracy 0.50"]
    (interval,) = found.intervals.values()
    assert interval.mean == pytest.approx(0.5 * (held_out - 0.8))


def test_the_unseen_set_says_nothing_where_nothing_was_learned() -> None:
    split = {"train": straight(0.25, 40), "held_out": straight(0.1, 40)}
    standard = {"train": straight(1.0, 40), "held_out": straight(0.8, 40)}
    found = ask("A test set that nobody knew of is hit as well", both(split, standard, "halves"))
    assert (found.verdict, found.ours) == (NOT_MEASURED, "a run came to a train accuracy of 0.25 only")


@pytest.mark.parametrize(("last", "expected"), [(0.11, HOLDS), (0.09, HOLDS), (0.3, FAILS), (0.02, FAILS)])
def test_no_better_than_chance(last: float, expected: str) -> None:
    table = both({"train": constant(0.9), "held_out": constant(last)}, kind="halves")
    assert verdict("... so that accuracy on it is no better than chance", table) == expected


@pytest.mark.parametrize(
    ("train", "held_out", "expected"), [(1.0, 0.6, HOLDS), (1.0, 0.5, FAILS), (0.8, 0.6, NOT_MEASURED)]
)
def test_plain_training_at_90(train: float, held_out: float, expected: str) -> None:
    table = both({"train": straight(train, 40), "held_out": constant(held_out)}, kind="halves")
    text = "Plain training at 90 % train accuracy has about 60 % on the test set"
    assert verdict(text, table, "paper") == expected


MANY_MORE = "Memorizing takes many more epochs, to a train accuracy of 0.5"


@pytest.mark.parametrize(("epochs", "expected"), [(40, HOLDS), (20, DEPENDS), (10, FAILS)])
def test_many_more_epochs(epochs: int, expected: str) -> None:
    """Plain training has .5 after 5 of 10 epochs; twice as many epochs are four times the images."""
    table = both(
        {"train": straight(1.0, epochs)},
        {"train": straight(1.0, 10)},
        epochs=range(epochs + 1),
        standard_epochs=range(11),
    )
    found = ask(MANY_MORE, table)
    means, times = {unit: interval.mean for unit, interval in found.intervals.items()}, log2(epochs / 10)
    assert means == pytest.approx({"epochs": times, "optimizer steps": times, "images": times + 1})
    assert found.verdict == expected


def test_a_level_that_was_not_reached_is_not_measured() -> None:
    some = both({"train": constant(0.4, spread=0.1)}, {"train": straight(1.0, 40)})  # seeds 1 and 2 reach .5
    found = ask(MANY_MORE, some)
    assert found.verdict == NOT_MEASURED
    assert found.ours == "2 of 3 seeds of Eq. (1) and 3 of Eq. (3) reached 0.5"
    plain = both({"train": straight(1.0, 40)}, {"train": constant(0.3)})
    assert ask(MANY_MORE, plain).ours == "3 of 3 seeds of Eq. (1) and 0 of Eq. (3) reached 0.5"


def test_a_level_that_was_there_before_training_is_not_measured() -> None:
    found = ask(MANY_MORE, both({"train": straight(1.0, 40)}, {"train": constant(0.6)}))
    assert found.verdict == NOT_MEASURED
    assert "of Eq. (3)" in found.ours


DIES = "Under its settings gradient splitting does not die"


def test_who_dies_under_the_usual_settings() -> None:
    """And the other claims are those of the best ones."""
    alive = both({"train": straight(0.95, 40)}, seeds=range(6))
    dead = alive.assign(dead_since=alive.dead_since.where(alive.objective != "split", 7.0), value=0.1)
    usual, good = (
        found.assign(conditioning=name, run=found.run + name) for found, name in ((dead, "usual"), (alive, "good"))
    )
    assert (verdict(DIES, alive), verdict(DIES, dead)) == (HOLDS, FAILS)
    assert (verdict(DIES, together(usual, good)), verdict(MEMORIZED, together(usual, good))) == (FAILS, HOLDS)
    assert ask(DIES, good).ours == "no run is under the usual settings"
