"""The ranking: a row a measure, the greatest tau above."""

import gaps
import numpy
import pytest

from rotelab.experiments.generalization_measures import ranking

TABLE = gaps.networks({"path_norm": gaps.rising, "fro_dist": gaps.falling}, seeds=(0, 1))


def test_rows_are_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "DRAWS", 2)
    panels = ranking.draw(TABLE).axes
    assert [label.get_text() for label in panels[0].get_yticklabels()] == [
        *("path_norm", "early_loss", "params", "steps", "fro_dist")
    ]
    assert panels[0].get_xlabel() == "Kendall's tau"
    points = [numpy.ravel(line.get_xdata())[0] for line in panels[1].lines if line.get_marker() == "o"]
    assert (points[0], points[-1]) == (1.0, -1.0)
    assert panels[0].get_ylim() == (4.5, -0.5)


def test_words() -> None:
    seeds, first, *lines = ranking.summary(TABLE).splitlines()
    assert seeds == "2 seeds"
    assert first == "24 networks at a train loss, 0 that did not come to it left out"
    assert lines[0].startswith("path_norm: tau 0.9") and "Psi 1.00" in lines[0]
    assert "fro_dist: tau -0.9" in lines[-1]
    assert "1000 test images" in ranking.note(TABLE)
