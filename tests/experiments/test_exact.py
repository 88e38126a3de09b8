"""What holds for the figures that need no runs."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pandas
import pytest
from drawn import touching

from rotelab.experiments import catalogue
from rotelab.experiments.experiment import Exact
from rotelab.figures import style

NUMPY = (
    *("benign_overfitting", "double_descent", "initialization", "lazy_training", "max_margin", "simplicity_bias"),
    "uniform_convergence",
)
"""Works whose figures take a second or so at smoke; others have tests of their own."""
EXACT = [
    name
    for name in catalogue.names()
    if name.startswith(NUMPY) and isinstance(catalogue.module(name).EXPERIMENT, Exact)
]


@pytest.fixture(scope="module", params=EXACT)
def measured(request: pytest.FixtureRequest) -> Iterator[tuple[str, pandas.DataFrame]]:
    experiment = catalogue.module(request.param).EXPERIMENT
    yield request.param, experiment.measure(experiment.scales["smoke"], None)
    plt.close("all")


def test_the_same_numbers_come_again(measured: tuple[str, pandas.DataFrame]) -> None:
    name, table = measured
    experiment = catalogue.module(name).EXPERIMENT
    assert experiment.measure(experiment.scales["smoke"], None).equals(table)
    assert len(table) > 3


def test_a_picture_without_words_that_touch(measured: tuple[str, pandas.DataFrame]) -> None:
    name, table = measured
    experiment = catalogue.module(name).EXPERIMENT
    figure = experiment.draw(table)
    settings = [catalogue.work(name.partition("/")[0]).title, *experiment.describe(experiment.scales["smoke"])]
    style.caption(figure, catalogue.shows(name), settings)
    assert touching(figure) == []


def test_it_says_what_was_seen(measured: tuple[str, pandas.DataFrame]) -> None:
    name, table = measured
    assert len(catalogue.module(name).EXPERIMENT.summary(table)) > 40


@pytest.mark.parametrize("name", EXACT)
def test_how_it_is_read_takes_two_sentences(name: str) -> None:
    assert catalogue.read(name).count(". ") + catalogue.read(name).count(".\n") == 1
