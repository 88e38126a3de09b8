"""Zhang et al., Figure 1c from made-up tables: the test error of what was fitted."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pandas
import pytest
from drawn import chance, label, offsets, xs, ys
from tables import runs, straight, together

from rotelab.experiments.randomization_tests import fig1c

ACCURACIES = {0: 0.5, 0.5: 0.3, 1: 0.1}


def made(network: str = "inception", seeds: tuple[int, ...] = (0, 1), last: float = 1.0) -> pandas.DataFrame:
    """Of fraction 1 the train accuracy comes to ``last``."""
    tables = []
    for fraction, accuracy in ACCURACIES.items():
        curves = {
            "accuracy/train": straight(last if fraction == 1 else 1.0, 10),
            "accuracy/held_out": straight(accuracy, 10),
        }
        tables.append(runs({"network": network, "data.labels.fraction": fraction}, curves, seeds=seeds))
    return together(*tables)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def test_the_error_after_the_last_epoch() -> None:
    (panel,) = fig1c.draw(together(made(), made("alexnet"))).axes
    drawn = {label(line): ys(line) for line in panel.lines if label(line)[0] != "_"}
    assert list(drawn) == ["Inception", "AlexNet"]
    assert drawn["Inception"].tolist() == pytest.approx([0.5, 0.7, 0.9])
    assert chance(panel) == [0.9]
    assert fig1c.summary(made()) == (
        "Inception: test error 0.500 at fraction 0, 0.700 at fraction 0.5, 0.900 at fraction 1"
    )


def test_what_did_not_fit_is_hollow_and_in_no_mean() -> None:
    some = together(made(seeds=(0,)), made(seeds=(1,), last=0.9))
    (panel,) = fig1c.draw(some).axes
    (mean,) = (line for line in panel.lines if label(line) == "Inception")
    assert xs(mean).tolist() == [0, 0.5]
    hollow = [dots for dots in panel.collections if not len(dots.get_facecolor())]
    assert [len(offsets(dots)) for dots in hollow] == [1]
    assert "0.900 at fraction 1 (1 of 2 seeds)" in fig1c.summary(some)
    assert "not fitted at fraction 1" in fig1c.summary(made(last=0.9))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (made().query("`data.labels.fraction` > 0"), "among them 0"),
        (together(made(), made("alexnet").query("`data.labels.fraction` < 1")), "network=alexnet.*fraction=1"),
        (together(made(), made(seeds=(2,)).query("`data.labels.fraction` < 1")), "same seeds"),
    ],
)
def test_it_refuses_when_runs_are_missing(table: pandas.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        fig1c.draw(table)
