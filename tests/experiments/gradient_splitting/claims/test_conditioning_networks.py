"""The verdicts on other networks under good settings."""

from functools import partial

import asking
import pandas
import pytest
from conditioned import made as conditioned
from tables import together

from rotelab.claims.verdicts import DEPENDS, FAILS, HOLDS, NOT_MEASURED, UNDECIDED
from rotelab.experiments.gradient_splitting.claims import conditioning_networks
from rotelab.experiments.gradient_splitting.claims.conditioning_networks import KINDS

ask = partial(asking.ask, conditioning_networks.CLAIMS)
verdict = partial(asking.verdict, conditioning_networks.CLAIMS)
SEEDS = (0, 1, 2, 3, 4)
ONLY = "comes to 0.9 by gradient splitting under good settings, and not under the usual ones"
NAMES = ("mlp_384", "resnet18_quarter", "vision_transformer")


def made(usual: int | None = None, good: int | None = 20, unseen: float = 0.2) -> pandas.DataFrame:
    held = {"standard": 0.4, "split": unseen}
    return together(
        *(conditioned({"usual": usual, "good": good}, unseen=held, seeds=SEEDS, of={"model": name}) for name in NAMES)
    )


def test_which_settings_memorize() -> None:
    """Of each network by itself."""
    mlp, transformer = f"An MLP {ONLY}", f"A vision transformer {ONLY}"
    late = conditioned({"usual": None, "good": None}, seeds=SEEDS, of={"model": NAMES[2]})
    mixed = together(made().query("model != 'vision_transformer'"), late)
    assert (verdict(mlp, made()), verdict(mlp, mixed), verdict(transformer, mixed)) == (HOLDS, HOLDS, UNDECIDED)
    assert verdict(mlp, made(usual=30)) == UNDECIDED
    assert verdict(mlp, made(usual=30, good=None)) == FAILS


def test_one_network_of_a_kind() -> None:
    mlp = f"An MLP {ONLY}"
    assert ask(mlp, made().query("model != 'mlp_384'")).ours == "no run is of an MLP"
    two = together(made(), made().query("model == 'mlp_384'").assign(model="mlp_1x64"))
    assert ask(mlp, two).ours == "runs are of mlp_384 and mlp_1x64"


@pytest.mark.parametrize("words", KINDS.values())
def test_how_much_longer_a_network_takes(words: str) -> None:
    many = f"Under good conditioning {words} takes many more epochs to memorize than to learn, to 0.9"
    few, below = (
        f"... {words} fewer than 5 times as many",
        f"... and {words} that memorized has a lower held-out accuracy than one trained plainly",
    )
    four = made(good=40)
    assert (verdict(many, four), verdict(few, four), verdict(below, four)) == (HOLDS, DEPENDS, HOLDS)
    assert verdict(many, made(good=10)) == FAILS and verdict(few, made(good=75)) == FAILS
    assert verdict(below, made(unseen=0.5)) == FAILS
    assert ask(many, made(good=None)).verdict == NOT_MEASURED == ask(below, made(good=None)).verdict
