"""How often Eq. (4) unlearns."""

from functools import partial

import asking
import pytest
from tables import constant, runs, together

from rotelab.claims.verdicts import FAILS, HOLDS
from rotelab.experiments.gradient_splitting.claims import threshold

ask, verdict = partial(asking.ask, threshold.CLAIMS), partial(asking.verdict, threshold.CLAIMS)

SEEDS = (0, 1, 2)
NOISE, IMAGES = ({"objective": "threshold", "data/inputs": inputs} for inputs in ("gaussian_blend", "clean"))


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, HOLDS), (0.1, FAILS), (1.0, FAILS)], ids=["never", "sometimes", "always"]
)
def test_leaving_plain_training(share: float, expected: str) -> None:
    """Signs of noise, -1 in so many of 10 epochs; those of images don't matter."""
    signs = {"sign/pseudo_test": lambda epoch, step, seed: -float(epoch <= 10 * share)}
    noise = runs(NOISE, signs, range(1, 11), seeds=SEEDS)
    images = runs(
        {"objective": "threshold", "data/inputs": "clean"},
        {"sign/pseudo_test": constant(-1.0)},
        range(1, 11),
        seeds=SEEDS,
    )
    found = ask("On noise Eq. (4) hardly ever leaves plain training", together(noise, images))
    assert found.verdict == expected
    assert found.intervals[""].mean == pytest.approx(share)


def test_learning_the_pseudo_test_split_is_no_unlearning() -> None:
    signs = runs(
        {"objective": "threshold", "data/inputs": "gaussian_blend"},
        {"sign/pseudo_test": constant(1.0)},
        range(1, 11),
        seeds=SEEDS,
    )
    assert verdict("On noise Eq. (4) hardly ever leaves plain training", signs) == HOLDS
