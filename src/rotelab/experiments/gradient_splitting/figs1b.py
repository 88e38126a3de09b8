"""Figure S1b: ResNet18 with a softmax on sets of images, under Eq. (4).

Train minus pseudo-test accuracy is what was memorized and does not carry over: 0 is none of it. By epoch on the left,
by optimizer step on the right, as larger sets have more steps in an epoch.
"""

import pandas
from matplotlib.figure import Figure

from rotelab.experiments.experiment import Experiment
from rotelab.experiments.gradient_splitting import figs1a
from rotelab.figures import curves
from rotelab.results.lines import Line


def lines(table: pandas.DataFrame) -> list[Line]:
    """As for Figure S1a; of the smallest size there is no record."""
    return figs1a.lines(table, "images", "r18_cifar")


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Train minus pseudo-test accuracy over epochs and over optimizer steps."""
    return figs1a.panels(table, lines(table), record)


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    return curves.summary(table, lines(table), record)


EXPERIMENT = Experiment(draw, summary)
