"""Claims about coherence under our objectives."""

from functools import partial

import asking
import pandas
import pytest
from asking import Case, Of, always, at, but, check_bound
from tables import runs, together

from rotelab.claims.verdicts import NOT_MEASURED
from rotelab.experiments.coherent_gradients.claims import objectives

ask = partial(asking.ask, objectives.CLAIMS)

SEEDS = (0, 1, 2)


def common(over: tuple[str, str], under: tuple[str, str], value: Of) -> pandas.DataFrame:
    """Train accuracies of .2, .3 and .4 for the one and .3, .4 and .5 for the other, so that they share .3 and .4."""
    r = {1: 9, 2: lambda seed: 6 * 2 ** value(seed), 3: lambda seed: 2 ** value(seed)}
    two = (over, {1: 0.2, 2: 0.3, 3: 0.4}, r), (under, {1: 0.3, 2: 0.4, 3: 0.5}, {1: 3, 2: 2, 3: 9})
    tables = []  # in doublings one more than the value at .3, and one less at .4
    for (objective, inputs), accuracies, r in two:
        curves = {"accuracy/train": at(accuracies, 0.1), "coherence_r/train": at(r, 99)}
        tables.append(runs({"objective": objective, "data/inputs": inputs}, curves, range(4), seeds=SEEDS))
    return together(*tables)


MEMORIZING = "Memorizing images by gradient splitting is less coherent than learning"
IMAGES, NOISE, SPLIT = ("standard", "clean"), ("standard", "gaussian_blend"), ("split", "clean")
CASES: dict[str, Case] = {
    f"{MEMORIZING} them": (partial(common, SPLIT, IMAGES), -0.1, 0.0),
    "... and so is memorizing them under Eq. (4)": (partial(common, ("threshold", "clean"), IMAGES), -0.1, 0.0),
    "Learning noise is less coherent than learning images": (partial(common, NOISE, IMAGES), -0.1, 0.0),
    f"{MEMORIZING} noise": (partial(common, SPLIT, NOISE), -0.1, 0.0),
}

THEM = common(SPLIT, IMAGES, always(5))
CANNOT = {
    "no finished run of objective=split": (f"{MEMORIZING} them", common(NOISE, IMAGES, always(5))),
    "no train accuracy at which both were measured": (f"{MEMORIZING} them", but(THEM, "epoch > 1")),
    "a common train accuracy in 2 of 3 seeds": (f"{MEMORIZING} them", but(THEM, "epoch > 1 and seed == 1")),
}


@pytest.mark.parametrize("text", CASES)
def test_it_holds_fails_or_is_undecided(text: str) -> None:
    """On either side of its bound, and with seeds on both."""
    check_bound(objectives.CLAIMS, text, CASES[text])


def test_every_claim_is_asked_here() -> None:
    assert sorted(claim.text for claim in objectives.CLAIMS) == sorted(CASES)


@pytest.mark.parametrize("words", CANNOT)
def test_what_the_runs_cannot_answer_is_not_measured(words: str) -> None:
    found = ask(*CANNOT[words])
    assert found.verdict == NOT_MEASURED
    assert words in found.ours
