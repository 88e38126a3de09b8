"""Best rates are chosen by seeds that are not reported, and ratios are taken at equal and at best ones."""

import drawn
import pytest
from tables import runs
from tuned import made

from rotelab.experiments.gradient_splitting import learning_rates
from rotelab.experiments.gradient_splitting.learning_rates import ARMS


def test_the_best_rate_is_that_of_the_seeds_for_tuning() -> None:
    table = made({"standard": (8, 4), "split": (20, 40), "balanced": (30, 24)})
    assert {arm: learning_rates.best(table, arm) for arm in ARMS} == dict(zip(ARMS, (1e-2, 1e-3, 1e-2), strict=True))
    reported = table.seed < learning_rates.TUNING
    slower = table[reported | (table[learning_rates.RATE] != 1e-2)]
    with pytest.raises(ValueError, match="same seeds for every rate and objective"):
        learning_rates.best(slower, "split")
    assert learning_rates.best(made({"split": (None, 90)}), "split") == 1e-2, "where all of them come"
    assert learning_rates.best(made({"split": (None, None)}), "split") is None


def test_ratios_at_equal_rates_and_each_at_its_best() -> None:
    table = made({"standard": (8, 4), "split": (20, 40), "balanced": (32, 24)})
    assert learning_rates.ratios(table, "split", 1e-3).epochs.tolist() == [20 / 8, 21 / 9]
    assert learning_rates.ratios(table, "split", 1e-2).epochs.tolist() == [40 / 4, 41 / 5]
    at_best = learning_rates.ratios(table, "split")
    assert at_best.epochs.tolist() == [20 / 4, 21 / 5]
    assert at_best.images.tolist() == [2 * 20 / 4, 2 * 21 / 5]
    assert at_best.index.tolist() == [0, 1], "the seeds that chose the rates are not among them"
    assert learning_rates.ratios(made({"split": (None, None)}), "split").empty


def test_what_is_drawn_and_said() -> None:
    table = made({"standard": (8, 4), "split": (20, None), "balanced": (None, None)})
    epochs, quotients = learning_rates.draw(table).axes
    rings = [drawn.ys(line) for line in epochs.lines if line.get_fillstyle() == "none"]
    assert [list(ring) for ring in rings] == [[4.5], [20.5]]
    assert {tick.get_text() for tick in quotients.get_xticklabels()} == {"0.001", "0.01", "each its best"}
    text = learning_rates.summary(table).splitlines()
    assert text[:3] == [
        "plain training, Eq. (3): best at a learning rate of 0.01",
        "gradient splitting, Eq. (1): best at a learning rate of 0.001",
        "Eq. (1), pairs of one class: no rate is best",
    ]
    assert "gradient splitting, Eq. (1), both at 0.01: 0 of 2 seeds" in text
    assert any(line.startswith("gradient splitting, Eq. (1), each at its best: 4.2 to 5.0 times the") for line in text)


def test_other_runs_are_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"name optimizer\.lr and data\.pairs"):
        learning_rates.draw(runs({}, {"accuracy/train": lambda epoch, step, seed: 0.5}))
