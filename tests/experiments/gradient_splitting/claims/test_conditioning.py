"""The verdicts on what conditioning does to memorizing."""

from functools import partial

import asking
import pytest
from conditioned import made
from tables import together

from rotelab.claims.verdicts import DEPENDS, FAILS, HOLDS, NOT_MEASURED, UNDECIDED
from rotelab.experiments.gradient_splitting.claims import conditioning
from rotelab.experiments.gradient_splitting.conditioning import PARTS

ask, verdict = partial(asking.ask, conditioning.CLAIMS), partial(asking.verdict, conditioning.CLAIMS)
SEEDS = (0, 1, 2, 3)

MANY = "Under good conditioning memorizing takes many more epochs than plain training, to 0.9"
FEW = "... namely fewer than 5 times as many, to 0.9"
NOISE = "On noise, under good conditioning, gradient splitting takes at most twice the epochs, to 0.9"
ONLY = "Gradient splitting comes to 0.9 under good settings, and not under the usual ones"
PLAIN = "Plain training gains from good conditioning as well"
BELOW = "A network that memorized under good conditioning has a lower held-out accuracy than one trained plainly"
CHANCE = "... which is no better than chance"

made = partial(made, seeds=SEEDS)


def test_how_much_longer_it_takes() -> None:
    four = made({"good": 40})
    assert (verdict(MANY, four), verdict(FEW, four)) == (HOLDS, DEPENDS)  # fewer in epochs, not in images
    assert ask(FEW, four).intervals["epochs"].mean == pytest.approx(1.86, abs=0.01)
    assert ask(FEW, four).intervals["images"].mean == pytest.approx(2.86, abs=0.01)
    assert verdict(FEW, made({"good": 15})) == HOLDS and verdict(FEW, made({"good": 70})) == FAILS
    assert verdict(MANY, made({"good": 10})) == FAILS  # as many epochs, twice the images
    assert ask(MANY, made({"good": None})).verdict == NOT_MEASURED


def test_noise() -> None:
    assert verdict(NOISE, made({"good": 6}, noise=True)) == HOLDS
    assert verdict(NOISE, made({"good": 60}, noise=True)) == FAILS


def test_what_comes_there_under_which_settings() -> None:
    ten = tuple(range(10))
    assert verdict(ONLY, made({"usual": None, "good": 20}, seeds=ten)) == HOLDS
    assert verdict(ONLY, made({"usual": 70, "good": 20}, seeds=ten)) == FAILS
    assert verdict(ONLY, made({"usual": None, "good": 20})) == UNDECIDED, "four seeds are few for a share"


def test_plain_training() -> None:
    slow = made({"usual": 20}, plain=30)
    assert verdict(PLAIN, together(slow, made({"good": 20}))) == HOLDS
    assert verdict(PLAIN, made({"usual": 20, "good": 20})) == FAILS


@pytest.mark.parametrize("part", PARTS)
def test_each_part(part: str) -> None:
    (text,) = [claim.text for claim in conditioning.CLAIMS if claim.text.startswith(conditioning.WORDS[part])]
    assert verdict(text, made({"good": 20, f"without_{part}": None})) == HOLDS
    assert verdict(text, made({"good": 40, f"without_{part}": 20})) == FAILS
    assert verdict(text, made({"good": 40})) == NOT_MEASURED


def test_what_is_known_of_images_that_nobody_unlearned() -> None:
    table = made({"good": 20})
    assert (verdict(BELOW, table), verdict(CHANCE, table)) == (HOLDS, FAILS)
    assert verdict(BELOW, made({"good": 20}, unseen={"standard": 0.2, "split": 0.3})) == FAILS
    assert verdict(CHANCE, made({"good": 20}, unseen={"standard": 0.2, "split": 0.11})) == HOLDS
    assert ask(BELOW, made({"good": None})).verdict == NOT_MEASURED
