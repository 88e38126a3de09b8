"""Claims about rankings, from networks whose measures are known."""

from functools import partial

import asking
import gaps
import pytest

from rotelab.claims.verdicts import FAILS, HOLDS, NOT_MEASURED
from rotelab.experiments.generalization_measures.claims import ranking

verdict, ask = partial(asking.verdict, ranking.CLAIMS), partial(asking.ask, ranking.CLAIMS)
NEGATIVE, SHARP, SOMEWHERE, BEATS, STEPS, EARLY, AGREE = (claim.text for claim in ranking.CLAIMS)


def constant(gap: float, seed: int) -> float:
    return 1.0


CASES = {
    NEGATIVE: ({"log_prod_of_fro": gaps.falling}, {"log_prod_of_fro": gaps.rising}),
    SHARP: (
        {"pacbayes_orig": gaps.rising, "path_norm": gaps.falling},
        {"pacbayes_orig": gaps.falling, "path_norm": gaps.rising},
    ),
    SOMEWHERE: (  # a cut between shares of wrong labels is right for them and says the contrary of the rates
        {"path_norm": lambda gap, seed: round(gap / 0.1) - 0.01 * gap},
        {"path_norm": gaps.rising},
    ),
    BEATS: ({"path_norm": gaps.rising}, {"path_norm": gaps.falling}),
    STEPS: ({"path_norm": gaps.rising}, {"path_norm": gaps.falling}),
    EARLY: (None, {"path_norm": constant}),
    AGREE: ({"coherence_alpha": gaps.falling}, {"coherence_alpha": gaps.rising}),
}


@pytest.mark.parametrize("text", CASES)
def test_a_claim_holds_or_fails(text: str) -> None:
    holds, fails = CASES[text]
    if holds is not None:
        assert verdict(text, gaps.networks(holds)) == HOLDS
    assert verdict(text, gaps.networks(fails)) == FAILS


def test_what_can_t_be_ranked_is_not_measured() -> None:
    assert ask(NEGATIVE, gaps.networks({})).verdict == NOT_MEASURED
    assert ask(BEATS, gaps.networks({"path_norm": gaps.rising}, seeds=(0,))).note.startswith("a single seed")
    few = gaps.networks({"path_norm": gaps.rising}, seeds=(0, 1))
    few = few[(few[gaps.WRONG] == 0.4) & (few["optimizer.lr"] == 0.1)]
    assert "too few to be ranked" in ask(BEATS, few).note
