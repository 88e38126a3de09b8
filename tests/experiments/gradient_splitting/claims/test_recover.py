"""What stays of a past of memorizing, and of generalizing."""

from functools import partial

import asking
import drawn
import pandas
import pytest
from tables import Curve, runs, together

from rotelab.claims.verdicts import FAILS, HOLDS
from rotelab.experiments.gradient_splitting import recover
from rotelab.experiments.gradient_splitting.claims import recover as claims

ask, verdict = partial(asking.ask, claims.CLAIMS), partial(asking.verdict, claims.CLAIMS)
SEEDS = (0, 1, 2)
BACK, KEPT, UNLEARNED = (claim.text for claim in claims.CLAIMS)


def phased(first: float, then: float) -> Curve:
    """Ten epochs at the one, ten at the other; epoch 10 ends the first."""
    return lambda epoch, step, seed: (first if epoch <= 10 else then) + 0.001 * seed


def made(
    plain: float = 0.4, after: float = 0.4, split: float = 0.2, kept: float = 0.3, unlearned: float = 0.01
) -> pandas.DataFrame:
    """Held-out accuracies under Eq. (3), from scratch and after Eq. (1); under Eq. (1), and after Eq. (3)."""
    curves = {
        "split_then_standard": {"held_out": phased(split, after), "pseudo_test": phased(0.0, 0.3)},
        "standard_then_split": {"held_out": phased(plain, kept), "pseudo_test": phased(0.3, unlearned)},
    }
    tables = []
    for objective, of in curves.items():
        accuracies = {f"accuracy/{split}": curve for split, curve in {"train": phased(0.9, 0.95), **of}.items()}
        tables.append(runs({"objective": objective}, accuracies, range(21), seeds=SEEDS))
    return together(*tables)


def test_a_past_of_memorizing() -> None:
    assert verdict(BACK, made()) == HOLDS and verdict(BACK, made(after=0.3)) == FAILS
    (unit,) = ask(BACK, made(after=0.3)).intervals
    assert unit == "at train accuracies 0.95, and 0.90 from scratch"


def test_a_past_of_generalizing() -> None:
    assert verdict(KEPT, made()) == HOLDS and verdict(KEPT, made(kept=0.1)) == FAILS
    assert verdict(UNLEARNED, made()) == HOLDS and verdict(UNLEARNED, made(unlearned=0.2)) == FAILS


def test_held_out_accuracy_is_drawn_at_the_same_train_accuracy() -> None:
    *_, alike = recover.draw(made(after=0.3)).axes
    paths = {drawn.label(line): list(zip(drawn.xs(line), drawn.ys(line), strict=True)) for line in alike.lines}
    after = next(points for name, points in paths.items() if name.startswith("after memorizing"))
    assert [tuple(map(float, point)) for point in (after[0], after[-1])] == [
        pytest.approx((0.9, 0.2)),
        pytest.approx((0.95, 0.3)),
    ]
