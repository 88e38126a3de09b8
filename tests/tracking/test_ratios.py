"""How much harder an objective is, of pairs of runs that are alike in all else."""

from typing import Any

import pytest

from rotelab.tracking.ratios import ratios


def result(objective: str, size: int, seed: int, epochs: int | None, **overrides: Any) -> dict[str, Any]:
    at = None if epochs is None else {"epoch": epochs, "step": 3 * epochs, "images": 10 * epochs}
    return {
        "choices": {"objective": objective, "model": "mlp", "data": "digits"},
        "overrides": {"objective": objective, "seed": seed, "data.size": size, **overrides},
        "config": {"seed": seed, "data": {"size": size}},
        "digest": "",
        "first_reaching": {"0.5": at, "0.9": None, "0.99": None},
    }


def test_a_ratio_is_the_geometric_mean_over_seeds() -> None:
    """2 and 8: 4."""
    runs = [result(name, 64, seed, epochs) for name, of in PAIRS.items() for seed, epochs in enumerate(of)]
    assert ratios(runs) == {64: {f"ratio/split/{unit}_to/0.5": pytest.approx(4.0) for unit in UNITS}}


PAIRS, UNITS = {"standard": (1, 1), "split": (2, 8)}, ("epochs", "steps", "images")


def test_only_runs_that_are_alike_are_compared_and_only_at_levels_that_both_reached() -> None:
    one = result("standard", 64, 0, 2)
    assert ratios([one, result("split", 64, 1, 4), result("split", 128, 0, 4)]) == {}
    assert ratios([one, result("split", 64, 0, 4, **{"optimizer.lr": 0.1})]) == {}
    assert ratios([one, result("split", 64, 0, None)]) == {}
    assert ratios([result("standard", 64, 0, 0), result("split", 64, 0, 4)]) == {}, "nothing is a multiple of none"
    larger = [result("standard", 128, 0, 1), result("split", 128, 0, 3)]
    found = ratios([*larger, one, result("split", 64, 0, 4)])
    assert [(size, of["ratio/split/epochs_to/0.5"]) for size, of in found.items()] == [
        (64, pytest.approx(2.0)),
        (128, pytest.approx(3.0)),
    ]
