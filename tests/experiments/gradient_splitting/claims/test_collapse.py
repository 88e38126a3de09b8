"""What kills gradient splitting."""

from functools import partial

import asking
from collapsed import made, unequal

from rotelab.claims.verdicts import FAILS, HOLDS, NOT_MEASURED, UNDECIDED
from rotelab.experiments.gradient_splitting.claims import collapse

ask, verdict = partial(asking.ask, collapse.CLAIMS), partial(asking.verdict, collapse.CLAIMS)
KILL, LIVE = "Unequal classes in a pair of batches kill gradient splitting", "... and in pairs of one class it lives"
PRECISION, WINNER = "bfloat16 kills no more runs than float32", "The class that wins is that of the greatest excess"


def test_unequal_classes_kill_and_equal_ones_let_live() -> None:
    table = made(unequal, seeds=range(15))
    found = ask(KILL, table).intervals[""]
    assert (found.mean, found.high, found.seeds) == (1, 1, 15)
    assert (verdict(KILL, table), verdict(LIVE, table)) == (HOLDS, HOLDS)
    assert ask(LIVE, table).samples[""].written()[0].split() == ["0/4"] * 15
    everyone, nobody, some = made(lambda *_: True), made(lambda *_: False), made(lambda pairs, seed: seed == 0)
    assert [verdict(KILL, table) for table in (everyone, nobody)] == [UNDECIDED, UNDECIDED]
    assert [verdict(LIVE, table) for table in (everyone, nobody, some)] == [FAILS, UNDECIDED, UNDECIDED]
    assert verdict(KILL, made(lambda pairs, seed: pairs == "balanced", seeds=range(15))) == FAILS


def test_either_precision() -> None:
    few, table = (made(unequal, "precision", ("fp32", "bf16"), seeds=range(count)) for count in (10, 40))
    assert (verdict(PRECISION, table), ask(PRECISION, table).intervals[""].mean) == (HOLDS, 0)
    assert verdict(PRECISION, few) == UNDECIDED, "ten deaths each leave room for a difference of .3"
    only = table.copy()
    alive = (only.precision == "fp32") & (only.metric == "loss")
    only.loc[alive, "value"] = 2.3
    assert (verdict(PRECISION, only), ask(PRECISION, only).intervals[""].mean) == (FAILS, 1)


def test_the_winner() -> None:
    assert verdict(WINNER, made(unequal, rank=lambda seed: 1.0)) == HOLDS
    assert verdict(WINNER, made(unequal, rank=lambda seed: 2.0)) == FAILS
    found = ask(WINNER, made(lambda *_: False))
    assert (found.verdict, found.ours) == (NOT_MEASURED, "no run as ordered is dead")
