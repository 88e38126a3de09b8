"""Deep double descent from made-up tables."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pandas
import pytest
from drawn import label, xs, ys
from widths import TEST, made

from rotelab.experiments.double_descent import width


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def test_errors_and_the_threshold() -> None:
    test, train, loss, _ = width.draw(made()).axes
    drawn = {label(line): ys(line) for line in test.lines if label(line).endswith("wrong")}
    assert drawn["0% of labels wrong"].tolist() == pytest.approx([0.1, 0.08, 0.05])
    assert drawn["20% of labels wrong"].tolist() == pytest.approx([0.2, 0.4, 0.1])
    for panel in (test, train, loss):
        assert [float(xs(line)[0]) for line in panel.lines if line.get_linestyle() == ":"] == [8, 8]


def test_by_epoch_stand_the_peak_and_either_side() -> None:
    *_, epochs = width.draw(made()).axes
    named = [label(line) for line in epochs.lines if label(line).startswith("width")]
    assert named == ["width 4, 20% wrong", "width 8, 20% wrong", "width 16, 20% wrong"]


def test_it_says_what_was_seen() -> None:
    falling = {0: TEST[0], 0.2: TEST[0.2] | {16: lambda epoch, step, seed: {1: 0.9, 2: 0.5, 3: 0.6, 4: 0.8}[epoch]}}
    said = width.summary(made(falling))
    assert "20% of labels wrong: interpolates from width 8 on; test error 0.200 (0.200) at width 4, 0.400" in said
    assert "width 16, 20% wrong, by epoch: least test error 0.100 after epoch 1, 0.200 at the end" in said
    assert "the most prominent peak, after epoch 2, is 0.300 high" in said


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (made().drop(columns="model.width"), "name model.width"),
        (made().query("seed == 0 or `model.width` > 4"), "some are missing"),
        (made().query("`model.width` > 4"), "needs three points"),
    ],
)
def test_it_refuses_when_runs_are_missing(table: pandas.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        width.draw(table)
