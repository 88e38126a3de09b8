"""How long a run will take."""

from dataclasses import replace
from itertools import count

import pytest
from runs import recipe

from rotelab.training import timing


@pytest.mark.parametrize("epochs", [1, 50])
def test_a_prediction_is_of_all_steps_and_evaluations_to_the_last_epoch(
    monkeypatch: pytest.MonkeyPatch, epochs: int
) -> None:
    clock = count(0.0)
    monkeypatch.setattr(timing, "now", lambda _: next(clock))  # whatever is timed takes a second
    made = recipe()
    batches = len(timing.assemble(made, (), 1)[2].batches(lambda: 0))
    assert timing.predicted_seconds(replace(made, max_epochs=epochs)) == epochs * (batches + 1)


def test_of_a_large_split_a_part_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the whole of it predicted."""
    clock = count(0.0)
    monkeypatch.setattr(timing, "now", lambda _: next(clock))
    monkeypatch.setattr(timing, "LOOKED_AT", 4)  # of 20, 12 and 12 images
    looked, evaluate = [], timing.evaluate
    monkeypatch.setattr(timing, "evaluate", lambda *of: (looked.append(len(of[1])), evaluate(*of)))
    made = recipe()
    batches = len(timing.assemble(made, (), 1)[2].batches(lambda: 0))
    assert timing.predicted_seconds(replace(made, max_epochs=1)) == pytest.approx(batches + 44 / 12)
    assert set(looked) == {4}
