"""Figure 2a: images, and as many of Gaussian noise, under Eq. (4) and Eq. (3).

Grey above blue means that noise is memorized more easily than as many images; dash-dotted is the control, Eq. (3),
plain training, on noise all but the same run as Eq. (4). Dotted is the pseudo-test split, which Eq. (4) unlearns while
it is above the threshold of 0.11: that of images is held there, that of noise is at chance by itself.
"""

import pandas
from matplotlib.figure import Figure

from rotelab.experiments.experiment import Experiment
from rotelab.figures import curves, style
from rotelab.results.lines import Line, check_seeds, plain

LINES = [
    Line("images", {"objective": "threshold", "data/inputs": "clean"}, style.PLAIN, recorded="conv_eq4_cifar_5k"),
    Line(
        "noise", {"objective": "threshold", "data/inputs": "gaussian_blend"}, style.NOISE, recorded="conv_eq4_noise_5k"
    ),
]
PLAIN = [plain(line) for line in LINES]
UNLEARNED = [Line(f"{line.label}, pseudo-test", line.where, line.color, "pseudo_test", ":") for line in LINES]


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Train and pseudo-test accuracy. Raises Refusal, with a sentence, where runs are missing."""
    check_seeds(table, LINES + PLAIN)
    figure, (panel,) = style.axes(1, width=5.5)
    curves.draw(panel, table, LINES + PLAIN + UNLEARNED, record)
    panel.set(ylabel="accuracy", ylim=(0, 1))
    style.legend_below(panel)
    return figure


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    return curves.summary(table, LINES + PLAIN, record)


EXPERIMENT = Experiment(draw, summary)
