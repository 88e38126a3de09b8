"""Claims about depth and width."""

from math import log2

import pandas
import pytest
from asking import Case, ask, check_bound
from sizes import made

from rotelab.claims.verdicts import FAILS, HOLDS, NOT_MEASURED
from rotelab.experiments.coherent_gradients.claims.depth_width import CLAIMS

RANK = "Of networks of several depths and widths the more coherent ones have a higher test accuracy"
TRUE = "Whatever their size, networks are more coherent on true labels than on random ones"
CASES: dict[str, Case] = {
    "Deeper networks have more coherent gradients": (
        lambda of: made(r=lambda depth, width, seed: depth ** of(seed)),
        0.5,
        -0.5,
    ),
    "Wider networks have more coherent gradients": (
        lambda of: made(r=lambda depth, width, seed: width ** of(seed)),
        0.5,
        -0.5,
    ),
    "Deeper networks have a higher test accuracy at the same train loss": (
        lambda of: made(test=lambda depth, width, seed: 0.8 + of(seed) * log2(depth)),
        0.01,
        -0.01,
    ),
    "Wider networks have a higher test accuracy at the same train loss": (
        lambda of: made(test=lambda depth, width, seed: 0.5 + of(seed) * log2(width)),
        0.01,
        -0.01,
    ),
    RANK: (
        lambda of: made(
            r=lambda depth, width, seed: depth * width,
            test=lambda depth, width, seed: 0.5 + of(seed) * depth * width / 1000,
        ),
        1.0,
        -1.0,
    ),
    TRUE: (lambda of: made(random_r=lambda depth, width, seed: 2.0 * depth / 2 ** of(seed)), 1.0, -1.0),
}


@pytest.mark.parametrize("text", CASES)
def test_it_holds_fails_or_is_undecided(text: str) -> None:
    """On either side of its bound, and with seeds on both."""
    check_bound(CLAIMS, text, CASES[text])


def test_every_claim_is_asked_here() -> None:
    assert sorted(claim.text for claim in CLAIMS) == sorted(CASES)


def test_test_accuracies_that_are_all_alike_have_no_order() -> None:
    found = ask(CLAIMS, RANK, made())
    assert found.intervals[""].mean == 0 and found.verdict not in (HOLDS, FAILS)


@pytest.mark.parametrize(
    ("text", "table", "words"),
    [
        (RANK, made(true_loss=0.2), "0 of 12 runs on clean labels came to the train loss"),
        (RANK, made(depths=(1,)), "2 networks are too few to rank"),
        ("Deeper networks have more coherent gradients", made(depths=(2,)), "there is one depth alone"),
        (TRUE, made(random_loss=0.2), "a seed has no network that came to the train loss on both labels"),
    ],
)
def test_what_the_runs_cannot_answer_is_not_measured(text: str, table: pandas.DataFrame, words: str) -> None:
    found = ask(CLAIMS, text, table)
    assert found.verdict == NOT_MEASURED
    assert words in found.ours
