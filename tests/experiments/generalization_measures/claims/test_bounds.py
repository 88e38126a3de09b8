"""The claim about bounds."""

from functools import partial

import asking
import gaps

from rotelab.claims.verdicts import FAILS, HOLDS
from rotelab.experiments.generalization_measures.claims import bounds

verdict = partial(asking.verdict, bounds.CLAIMS, bounds.CLAIMS[0].text)


def test_one_bound_below_one_is_enough() -> None:
    assert verdict(gaps.networks({"spec_fro_bound": lambda gap, seed: 1e6 * gap + seed})) == HOLDS
    assert verdict(gaps.networks({"spec_fro_bound": lambda gap, seed: 0.5 + 0.01 * seed})) == FAILS
