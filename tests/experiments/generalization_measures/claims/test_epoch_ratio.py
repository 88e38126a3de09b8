"""Claims about the epoch ratio, from networks whose ratio is known."""

from functools import partial

import asking
import gaps

from rotelab.claims.verdicts import FAILS, HOLDS, NOT_MEASURED
from rotelab.experiments.generalization_measures.claims import epoch_ratio

verdict, ask = partial(asking.verdict, epoch_ratio.CLAIMS), partial(asking.ask, epoch_ratio.CLAIMS)
LONGER, STEPS = (claim.text for claim in epoch_ratio.CLAIMS)


def test_longer_to_memorize_and_a_smaller_gap() -> None:
    falls = gaps.networks({}, ratio=lambda gap, seed: round(40 - 100 * gap))
    rises = gaps.networks({}, ratio=lambda gap, seed: round(100 * gap))
    assert (verdict(LONGER, falls), verdict(LONGER, rises)) == (HOLDS, FAILS)
    assert ask(LONGER, gaps.networks({})).verdict == NOT_MEASURED


def test_more_than_steps_that_are_the_same_for_all() -> None:
    assert verdict(STEPS, gaps.networks({}, ratio=lambda gap, seed: round(100 * gap))) == HOLDS
