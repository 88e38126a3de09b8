"""Claims about adversarial initialization."""

from functools import partial

import pandas
import pytest
from adversaries import made
from asking import Case, always, ask, check_bound

from rotelab.claims.verdicts import DEPENDS, NOT_MEASURED
from rotelab.experiments.coherent_gradients.adversarial_start import FRACTION, KEEP, OPTIMIZER
from rotelab.experiments.coherent_gradients.claims.adversarial_start import CLAIMS, PLAIN, REGULARIZED

plain = partial(made, optimizers=(PLAIN,))
ADVERSARY = "Plain SGD has fitted the random labels that the adversarial start is made of"
LOWER = "Plain SGD from a network that has fitted random labels ends where test accuracy is lower"
LABELS = "It is the random labels, not the size of the weights that they leave"
RECOVERS = "With momentum and weight decay a network that has fitted random labels recovers"
COHERENT = "True labels are learned with less coherence by a network that has fitted random ones"
LONGER = "It takes longer to fit the true labels than from drawn weights"
CASES: dict[str, Case] = {
    ADVERSARY: (lambda of: plain(adversary=of), 1.0, 0.98),
    LOWER: (lambda of: plain({("weights", PLAIN): lambda seed: 0.9 - of(seed)}), 0.01, -0.01),
    LABELS: (lambda of: plain({("norms", PLAIN): lambda seed: 0.9 + of(seed)}), 0.01, -0.01),
    RECOVERS: (
        lambda of: made({("weights", REGULARIZED): lambda seed: 0.9 - of(seed)}, optimizers=(REGULARIZED,)),
        0.005,
        0.02,
    ),
    COHERENT: (lambda of: plain(r={"weights": lambda seed: 4 * 2 ** of(seed)}), -1.0, 1.0),
    "... and with less than from drawn weights of its norms": (
        lambda of: plain(r={"norms": lambda seed: 4 / 2 ** of(seed)}),
        -1.0,
        1.0,
    ),
    LONGER: (lambda of: plain(fit={"weights": lambda seed: 4 * 2 ** of(seed)}), 1.0, -1.0),
}


@pytest.mark.parametrize("text", CASES)
def test_it_holds_fails_or_is_undecided(text: str) -> None:
    """On either side of its bound, and with seeds on both."""
    check_bound(CLAIMS, text, CASES[text])


def test_every_claim_is_asked_here() -> None:
    assert sorted(claim.text for claim in CLAIMS) == sorted(CASES)


def test_a_network_may_be_behind_at_the_fit_alone() -> None:
    table = plain()
    first = (table["start.keep"] == "weights") & (table.epoch < 5) & (table.split == "held_out")
    table.loc[first, "value"] = 0.8
    end = (table["start.keep"] == "nothing") & (table.epoch == 10) & (table.split == "held_out")
    table.loc[end, "value"] = 0.8
    found = ask(CLAIMS, LOWER, table)
    assert {unit: at.mean for unit, at in found.intervals.items()} == pytest.approx(
        {"at the fit": 0.1, "at the end": -0.1}
    )
    assert found.verdict == DEPENDS


@pytest.mark.parametrize(
    ("text", "table", "words"),
    [
        (LOWER, plain(fit={"weights": lambda seed: 4 if seed else 99}), "labels were fitted in 2 of 3 seeds"),
        (COHERENT, plain(fit={"nothing": always(99)}), "as drawn: the labels were fitted in 0 of 3 seeds"),
        (
            LABELS,
            plain().query("`start.keep` != 'norms'"),
            f"no finished run of {KEEP}=norms, {FRACTION}=0.0, {OPTIMIZER}=plain_sgd",
        ),
    ],
)
def test_what_the_runs_cannot_answer_is_not_measured(text: str, table: pandas.DataFrame, words: str) -> None:
    found = ask(CLAIMS, text, table)
    assert found.verdict == NOT_MEASURED
    assert words in found.ours
