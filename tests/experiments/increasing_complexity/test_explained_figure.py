"""Functions of increasing complexity, from made-up tables: the figure and the claims."""

from collections.abc import Iterator
from math import log2

import matplotlib.pyplot as plt
import pandas
import pytest
from asking import ask, verdict
from drawn import label, xs, ys
from tables import Curve, runs, together

from rotelab.claims.verdicts import FAILS, HOLDS, NOT_MEASURED
from rotelab.experiments.increasing_complexity import explained
from rotelab.experiments.increasing_complexity.claims.explained import CLAIMS

FIRST = "A linear classifier explains most of what a network knows first"
LATER = "It explains less of what the network learns later"
KEPT = "What a linear classifier knows is kept to the end"
LOST = "What fitting wrong labels undoes is more of what a linear classifier does not explain"
ORDER = {
    name: f"What a {name} network explains is learned later than what a linear classifier explains"
    for name in ("small", "large")
}


def known(epoch: int, step: int, seed: int) -> float:
    return min(epoch, 8) / 10


def lost(epoch: int, step: int, seed: int) -> float:
    """.8 bits at epoch 8, .6 at the end."""
    return known(epoch, step, seed) - 0.1 * max(0, epoch - 8)


def of(wrong: float, known: Curve, linear: Curve, small: Curve, large: Curve, knows: float) -> pandas.DataFrame:
    curves = {"information/network": known, "accuracy/train": known}
    for name, curve in (("linear", linear), ("small", small), ("large", large)):
        curves |= {f"explained/{name}": curve, f"information/{name}": lambda *_: knows}
    return runs({"objective": "standard", explained.WRONG: wrong}, curves)


def made(
    share: float = 0.9, most: float = 0.4, delay: int = 2, undone: float = 0.1, knows: float = 0.4, jump: float = 0.0
) -> pandas.DataFrame:
    """A linear classifier explains this ``share`` of what is known, up to ``most``, and a ``jump`` more at the end;
    other references as much, ``delay`` times as late. With wrong labels it explains this share of what is
    ``undone``."""

    def linear(epoch: int, step: int, seed: int) -> float:
        return min(share * known(epoch, step, seed), most) + jump * (epoch > 8)

    def later(epoch: int, step: int, seed: int) -> float:
        return linear(epoch // delay, step, seed)

    def forgotten(epoch: int, step: int, seed: int) -> float:
        return min(known(epoch, step, seed), 0.4) - undone * 0.1 * max(0, epoch - 8)

    true = of(0.0, known, linear, later, later, knows)
    return together(true, of(0.2, lost, forgotten, forgotten, forgotten, knows))


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def test_curves_of_true_and_of_wrong_labels() -> None:
    left, middle, right = explained.draw(made()).axes
    lines = {label(line): (xs(line)[-1], ys(line)[-1]) for line in left.lines}
    assert lines["the network knows"] == pytest.approx((40, 0.8))
    assert lines["a linear classifier explains"] == pytest.approx((40, 0.4))
    assert {"a small network explains", "a large network explains"} <= {label(line) for line in middle.lines}
    ends = {label(line): ys(line)[-1] for line in right.lines}
    assert ends["the network knows"] == pytest.approx(0.6)
    assert "20%" in right.get_title()


def test_it_says_what_was_seen() -> None:
    said = explained.summary(made())
    assert "0% wrong labels: 0.800 bits at the end, 0.800 at the most; a linear classifier knows 0.400" in said
    assert "20% wrong labels: 0.600 bits at the end, 0.800 at the most" in said
    assert "it explains 0.90 of the first bits, 0.37 of later ones" in said
    assert "a linear classifier: 90 % of what it explains after 16 steps" in said
    assert "a large network: 90 % of what it explains after 32 steps" in said


@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        (FIRST, made(), made(share=0.3)),
        (LATER, made(), made(share=0.4, jump=0.5)),
        (KEPT, made(), made(most=0.3)),
        (ORDER["small"], made(), made(delay=1)),
        (ORDER["large"], made(), made(delay=1)),
        (LOST, made(), made(undone=0.9)),
    ],
    ids=["first", "later", "kept", "small", "large", "lost"],
)
def test_claims_hold_and_fail(text: str, good: pandas.DataFrame, bad: pandas.DataFrame) -> None:
    assert verdict(CLAIMS, text, good) == HOLDS
    assert verdict(CLAIMS, text, bad) == FAILS


def test_what_is_measured() -> None:
    """Half of .4 bits are known at epoch 2, when .18 are explained; .22 of the .6 after that."""
    found = {text: next(iter(ask(CLAIMS, text, made()).intervals.values())).mean for text in (FIRST, LATER, KEPT, LOST)}
    assert found[FIRST] == pytest.approx(0.9)
    assert found[LATER] == pytest.approx(0.9 - 0.22 / 0.6)
    assert found[KEPT] == pytest.approx(1.0)
    assert found[LOST] == pytest.approx(0.1)
    (order,) = ask(CLAIMS, ORDER["large"], made(delay=2)).intervals.values()
    assert order.mean == pytest.approx(log2(2))


@pytest.mark.parametrize("text", [FIRST, LATER, LOST])
def test_what_cannot_be_asked(text: str) -> None:
    ignorant, never = made(knows=2.0), made().query("`data.labels.fraction` == 0")
    assert verdict(CLAIMS, text, never if text == LOST else ignorant) == NOT_MEASURED


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (made().drop(columns=explained.WRONG), "share of wrong labels"),
        (made().query("metric == 'accuracy'"), "no run measured"),
        (made().query("`data.labels.fraction` > 0"), "no finished run of data.labels.fraction=0"),
        (made().query("seed < 1 or `data.labels.fraction` > 0"), "same seeds"),
    ],
    ids=["shares", "measures", "true labels", "seeds"],
)
def test_it_refuses_when_runs_are_missing(table: pandas.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        explained.draw(table)
