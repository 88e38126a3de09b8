"""Noise against images, and what an answer says."""

from functools import partial
from typing import Any

import asking
import pandas
import pytest
from tables import Curve, constant, runs, straight, together

from rotelab.claims.verdicts import FAILS, HOLDS, NOT_MEASURED, UNDECIDED
from rotelab.experiments.gradient_splitting.claims import fig2a

ask, verdict = partial(asking.ask, fig2a.CLAIMS), partial(asking.verdict, fig2a.CLAIMS)

SEEDS = (0, 1, 2)


def noise_and_images(noise: Curve, images: Curve, **options: Any) -> pandas.DataFrame:
    tables = [
        runs({"objective": "threshold", "data/inputs": inputs}, {"accuracy/train": curve}, seeds=SEEDS, **options)
        for inputs, curve in (("gaussian_blend", noise), ("clean", images))
    ]
    return together(*tables)


@pytest.mark.parametrize(("noise", "images", "expected"), [(0.7, 0.4, HOLDS), (0.4, 0.7, FAILS), (0.5, 0.5, FAILS)])
def test_noise_against_images(noise: float, images: float, expected: str) -> None:
    table = noise_and_images(straight(noise, 10), straight(images, 10))
    assert verdict("Noise is memorized more easily than as many images", table) == expected


def test_the_control_is_asked_of_plain_training_alone() -> None:
    threshold = noise_and_images(constant(0.7), constant(0.4))
    standard = threshold.assign(objective="standard", run=threshold.run + "-plain", value=1 - threshold.value)
    both, control = (
        together(threshold, standard),
        "... and more easily than as many images are learned by plain training",
    )
    assert verdict("Noise is memorized more easily than as many images", both) == HOLDS
    assert verdict(control, both) == FAILS
    assert ask(control, threshold).ours == "there is no finished run of objective=standard, data/inputs=clean"


def test_a_single_seed_decides_nothing() -> None:
    table = noise_and_images(constant(0.9), constant(0.3))
    found = ask("Noise is memorized more easily than as many images", table[table.seed == 0])
    assert found.verdict == UNDECIDED
    assert found.ours == "0.6 [-inf, inf], 1 seed"


def test_an_answer_says_unit_interval_and_seeds() -> None:
    table = noise_and_images(constant(0.9, spread=0.01), constant(0.3))
    found = ask("Noise is memorized more easily than as many images", table)
    half = 4.302653 * 0.01 / 3**0.5
    assert found.ours == f"0.61 [{0.61 - half:.3g}, {0.61 + half:.3g}], 3 seeds"


def test_missing_runs_are_the_reason() -> None:
    table = noise_and_images(constant(0.9), constant(0.3))
    found = ask("Noise is memorized more easily than as many images", table[table["data/inputs"] == "clean"])
    assert (found.verdict, found.ours) == (
        NOT_MEASURED,
        "there is no finished run of objective=threshold, data/inputs=gaussian_blend",
    )
