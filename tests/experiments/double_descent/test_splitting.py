"""Gradient splitting by width from made-up tables."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pandas
import pytest
from drawn import curves, label, xs, ys
from widths import split

from rotelab.experiments.double_descent import splitting


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def test_thresholds_of_plain_training() -> None:
    assert splitting.fits(split(), "standard", 0.0) == 8
    assert splitting.fits(split(), "standard", 1.0) == 16
    assert splitting.fits(split(), "split", 0.0) is None


def test_ease_steps_and_deaths_over_the_width() -> None:
    easy, steps, deaths = splitting.draw(split()).axes
    drawn = {label(line): ys(line) for line in curves(easy) if label(line)[0] != "_"}
    assert drawn["Eq. (1), true labels"].tolist() == pytest.approx([0.1, 0.15, 0.4])
    (plain,) = (line for line in steps.lines if label(line).startswith("plain training, Eq. (3), true"))
    assert xs(plain).tolist() == [4, 8, 16]
    (died,) = (line for line in deaths.lines if label(line) == "Eq. (1), true labels")
    assert ys(died).tolist() == [0.5, 0, 0]


def test_it_says_what_was_seen() -> None:
    first, _, _, last = splitting.summary(split()).splitlines()
    assert first.startswith("plain training, Eq. (3), true labels: fitted from width 8 on; mean train accuracy")
    assert last.startswith("Eq. (1), random labels: no width fits them in every seed") and "0 of 6 runs dead" in last
    assert "1 of 6 runs dead" in splitting.summary(split())


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (split().drop(columns="model.width"), "name model.width"),
        (split().query("objective == 'standard'"), "no finished run of objective=split"),
        (split().query("seed == 0 or `model.width` > 4"), "same seeds"),
    ],
)
def test_it_refuses_when_runs_are_missing(table: pandas.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        splitting.draw(table)
