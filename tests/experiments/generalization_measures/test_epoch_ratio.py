"""The gap against the epochs of Eq. (1) over those of Eq. (3)."""

import gaps
import numpy
import pytest

from rotelab.errors import Refusal
from rotelab.experiments.generalization_measures import epoch_ratio, ranking

TABLE = gaps.networks({"path_norm": gaps.rising}, seeds=(0, 1), ratio=lambda gap, seed: round(12 - 20 * gap))


def test_a_dot_a_network_and_a_row_a_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "DRAWS", 2)
    monkeypatch.setattr(epoch_ratio, "DRAWS", 2)
    dots, taus = epoch_ratio.draw(TABLE).axes
    assert numpy.size(dots.lines[0].get_xdata()) == 24
    assert [label.get_text() for label in taus.get_yticklabels()][-1] == "epoch_ratio"
    assert "bars: 95 % of 2 draws of networks, pale ones of whole seeds" in epoch_ratio.note(TABLE)


def test_words() -> None:
    said = epoch_ratio.summary(TABLE).splitlines()
    assert said[2].startswith("epochs of Eq. (1) over Eq. (3) from 5.0 to 10.0, gap from 0.100 to 0.341")
    assert said[-1].startswith("epoch_ratio: tau -0.")


def test_a_table_of_one_objective_is_refused() -> None:
    with pytest.raises(Refusal, match="both objectives"):
        epoch_ratio.draw(gaps.networks({}))
