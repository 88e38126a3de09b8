"""Which networks come to the level under usual and under good settings."""

import drawn
import pandas
import pytest
from conditioned import made
from tables import together

from rotelab.experiments.gradient_splitting.conditioning_networks import EXPERIMENT


def everything() -> pandas.DataFrame:
    return together(
        made({"usual": None, "good": 20}, of={"model": "mlp_3x512"}),
        made({"usual": 60, "good": 30}, of={"model": "resnet18_quarter"}),
    )


def test_two_rows_a_network() -> None:
    epochs, unseen = EXPERIMENT.draw(everything(), None).axes
    labels = [tick.get_text() for tick in epochs.get_yticklabels()]
    assert labels == ["resnet18 quarter, good", "resnet18 quarter, usual", "mlp 3x512, good", "mlp 3x512, usual"]
    assert [note.get_text() for note in epochs.texts] == ["0 of 2"]  # Eq. (1), the MLP under the usual settings
    assert sorted(value for line in epochs.lines for value in drawn.xs(line)) == [*[10.5] * 4, 20.5, 30.5, 60.5]
    assert {round(value, 6) for line in unseen.lines for value in drawn.xs(line) if value > 0.15} == {0.2, 0.4}


def test_the_summary() -> None:
    lines = EXPERIMENT.summary(everything(), None).splitlines()
    assert lines[:3] == [
        "mlp 3x512, usual:",
        "  plain training, Eq. (3): 0.9 in 2 of 2 seeds, epochs 10 to 11, held out 0.400",
        "  gradient splitting, Eq. (1): 0.9 in 0 of 2 seeds, at most 0.10, 2 dead",
    ]
    assert lines[-1] == "  to 0.9: 2.8 to 3.0 times the epochs and optimizer steps, 5.6 to 6.0 times the images"


def test_missing_runs_are_a_sentence() -> None:
    table = everything()
    with pytest.raises(ValueError, match="conditioning_networks, which name conditioning"):
        EXPERIMENT.draw(table.drop(columns="conditioning"), None)
    with pytest.raises(ValueError, match="every line needs the same seeds"):
        EXPERIMENT.draw(table[(table.seed > 0) | (table.model == "mlp_3x512")], None)
