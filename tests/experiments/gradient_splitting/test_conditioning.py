"""Which settings come to the level when, and what the networks know there of images that nobody unlearned."""

import drawn
import pandas
import pytest
from conditioned import made
from tables import together

from rotelab.experiments.gradient_splitting import conditioning


def everything() -> pandas.DataFrame:
    return together(
        made({"usual": None, "good": 20, "without_whitening": 60}), made({"usual": 8, "good": 8}, noise=True)
    )


def test_epochs_to_the_level_are_drawn_with_those_that_never_came() -> None:
    epochs, unseen, ratios = conditioning.draw(everything()).axes
    labels = [tick.get_text() for tick in epochs.get_yticklabels()]
    assert labels == ["good", "good without whitening", "usual"]
    assert [note.get_text() for note in epochs.texts] == ["0 of 2"]  # Eq. (1) under the usual settings
    means = sorted(value for line in epochs.lines for value in drawn.xs(line))
    assert means == [10.5, 10.5, 10.5, 20.5, 60.5]  # two seeds, the second an epoch later
    assert {round(value, 6) for line in unseen.lines for value in drawn.xs(line) if value > 0.15} == {0.2, 0.4}
    shown = {drawn.label(line): set(drawn.ys(line)) for line in ratios.lines if drawn.label(line)[0] != "_"}
    assert set(shown) == {"images, usual", "images, good", "noise, usual", "noise, good"}
    assert not shown["images, usual"] and max(shown["images, good"]) == pytest.approx(2, rel=0.05)


def test_the_summary() -> None:
    lines = conditioning.summary(everything()).splitlines()
    assert lines[0] == "images, usual:"
    assert lines[1] == "  plain training, Eq. (3): 0.9 in 2 of 2 seeds, epochs 10 to 11, held out 0.400"
    assert lines[2] == "  gradient splitting, Eq. (1): 0.9 in 0 of 2 seeds, at most 0.10, 2 dead"
    assert "images, good without whitening:" in lines
    assert "  to 0.9: 5.5 to 6.0 times the epochs and optimizer steps, 11.1 to 12.0 times the images" in lines


def test_words_of_settings() -> None:
    assert [conditioning.words(name) for name in ("usual", "only_he_start", "without_low_beta2", "with_sgd")] == [
        *("usual", "He start only", "good without low beta2", "good with SGD")
    ]


def test_missing_runs_are_a_sentence() -> None:
    table = everything()
    with pytest.raises(ValueError, match="names conditioning"):
        conditioning.draw(table.drop(columns="conditioning"))
    with pytest.raises(ValueError, match="no finished run on noise"):
        conditioning.draw(made({"usual": None, "good": 20}))
    with pytest.raises(ValueError, match="every line needs the same seeds"):
        conditioning.draw(table[(table.seed > 0) | (table.objective == "split")])
