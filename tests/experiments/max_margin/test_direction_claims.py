"""What is asked of the direction of descent, of made-up angles."""

import math
from collections.abc import Callable

import pandas
import pytest
from asking import fitted

from rotelab.claims.verdicts import FAILS, HOLDS, UNDECIDED
from rotelab.experiments.max_margin.claims import direction

POWER, FASTER = (claim.text for claim in direction.CLAIMS)
Angle = Callable[[int, int], float]


def asked(text: str, plain: Angle, normalized: Angle, monkeypatch: pytest.MonkeyPatch) -> str:
    """Of angles by step and seed."""
    of = {"plain": plain, "normalized": normalized}

    def made(descent: str) -> dict[int, pandas.Series]:
        steps = (100, direction.STEPS)
        return {seed: pandas.Series({step: of[descent](step, seed) for step in steps}) for seed in direction.SEEDS}

    monkeypatch.setattr(direction, "_angles", made)
    return fitted(direction.CLAIMS, text, monkeypatch)


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        (lambda step, seed: (20 + seed) / math.log(step), HOLDS),
        (lambda step, seed: 20 + seed, FAILS),  # never turns
        (lambda step, seed: (20 + seed) / step, FAILS),
        (lambda step, seed: 20 / math.log(step) if seed % 2 else 20, UNDECIDED),
    ],
)
def test_like_one_over_the_logarithm(plain: Angle, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(POWER, plain, plain, monkeypatch) == expected


def test_normalized_steps_are_ten_times_nearer(monkeypatch: pytest.MonkeyPatch) -> None:
    for times, expected in ((20, HOLDS), (5, FAILS)):
        assert asked(FASTER, lambda *_: 10.0, lambda *_, of=times: 10 / of, monkeypatch) == expected
