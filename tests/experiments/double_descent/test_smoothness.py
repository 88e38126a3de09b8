"""Smoothness by width from made-up tables."""

import matplotlib.pyplot as plt
import pytest
from asking import always
from drawn import label, xs, ys
from widths import made, smooth

from rotelab.errors import Refusal
from rotelab.experiments.double_descent import smoothness

NORMS = {4: always(1.0), 8: always(3.0), 16: always(2.0)}


def test_slopes_bounds_and_the_threshold() -> None:
    slopes, bounds = smoothness.draw(smooth(NORMS, always(2.0))).axes
    drawn = {label(line): ys(line).tolist() for panel in (slopes, bounds) for line in panel.lines}
    assert drawn["train, right labels"] == [1, 3, 2]
    assert drawn["train, wrong labels"] == [2, 6, 4]
    assert drawn["upper bound"] == [8, 24, 16]
    assert [float(xs(line)[0]) for line in slopes.lines if line.get_linestyle() == ":"] == [8]
    plt.close("all")


def test_it_says_what_was_seen() -> None:
    first, second, *_ = smoothness.summary(smooth(NORMS)).splitlines()
    assert first == "interpolates from width 8 on"
    assert second == "jacobian_norm/train: 3 at its peak, width 8; 2 at width 16"


def test_it_refuses_runs_that_measured_nothing_or_vary_more() -> None:
    with pytest.raises(Refusal, match="one share of wrong labels"):
        smoothness.draw(made())
    with pytest.raises(Refusal, match="measured smoothness"):
        smoothness.draw(made().query("`data.labels.fraction` > 0"))
