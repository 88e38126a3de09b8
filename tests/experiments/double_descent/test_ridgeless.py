"""Figure and summary of ridgeless least squares."""

import pytest
from drawn import xs, ys

from rotelab.experiments.double_descent import ridgeless


def test_every_scale_has_every_ratio_and_seed() -> None:
    table = ridgeless.measure(ridgeless.SCALES["smoke"])
    assert len(table) == len(ridgeless.RATIOS) * len(ridgeless.SEEDS)
    assert ridgeless.measure(ridgeless.SCALES["smoke"]).equals(table)


def test_the_picture_has_the_closed_form_and_the_draws() -> None:
    table = ridgeless.measure(ridgeless.SCALES["smoke"])
    (panel,) = ridgeless.draw(table).axes
    below, above, exact, drawn, *_ = panel.lines
    assert xs(below).max() < 1 < xs(above).min()
    assert ys(exact).tolist() == table.groupby("ratio").expected.first().tolist()
    assert ys(drawn).tolist() == table.risk.tolist()


def test_a_missing_seed_is_a_sentence() -> None:
    table = ridgeless.measure(ridgeless.SCALES["smoke"])
    with pytest.raises(ValueError, match="the same seeds"):
        ridgeless.draw(table.iloc[1:])


def test_the_summary_says_where_the_peak_and_the_minimum_are() -> None:
    table = ridgeless.measure(ridgeless.SCALES["smoke"])
    text = ridgeless.summary(table)
    assert "at p / n = 1.1; beyond 1 the least is" in text or "at p / n = 0.9; beyond 1 the least is" in text
    assert "(in closed form at 2)" in text
