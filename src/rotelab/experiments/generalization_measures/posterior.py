"""An optimized PAC-Bayes bound of the test error, against random labels.

Bound and blue lines are of networks drawn from the Gaussian that makes the bound least, the dashed line is of the
network itself. Above the dotted line, the error of a guess, a bound says nothing.
"""

import pandas
from matplotlib.figure import Figure

from rotelab.errors import Refusal
from rotelab.experiments.experiment import Experiment
from rotelab.figures import style
from rotelab.results.lines import Line, chance, check_seeds, last, numbers, spread

FRACTION = "data.labels.fraction"
BOUND = ("posterior", "error_bound")
SHOWN = {
    ("bound", "-", style.MEMORIZE): BOUND,
    ("test error of drawn networks", "-", style.PLAIN): ("posterior_mistakes", "held_out"),
    ("train error of drawn networks", ":", style.PLAIN): ("posterior_mistakes", "train"),
    ("test error of the network", "--", "black"): ("accuracy", "held_out"),
}
"""Each as metric and split."""


def fractions(table: pandas.DataFrame) -> list[float]:
    """In order. Raises Refusal where the sweep has but one."""
    found = numbers(table, FRACTION)
    if len(found) < 2:
        raise Refusal(f"this figure needs runs of several {FRACTION}")
    return found


def line(which: tuple[str, str], fraction: float, label: str = "", color: str = "", linestyle: str = "-") -> Line:
    metric, split = which
    return Line(label or split, {FRACTION: fraction}, color, split, linestyle, metric=metric)


def errors(table: pandas.DataFrame, which: tuple[str, str]) -> pandas.DataFrame:
    """(run, fraction, value): at the end of each run, under the number of its seed."""
    tables = []
    for fraction in fractions(table):
        found = last(table, line(which, fraction))
        value = 1 - found.value if which[0] == "accuracy" else found.value
        tables.append(pandas.DataFrame({"run": found.seed, "fraction": fraction, "value": value}))
    return pandas.concat(tables, ignore_index=True)


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Bound and errors over the share of random labels. Raises Refusal where runs are missing."""
    check_seeds(table, [line(BOUND, fraction, f"fraction {fraction:g}") for fraction in fractions(table)])
    figure, (panel,) = style.axes(1, width=5.6, height=4.0)
    for (label, linestyle, color), which in SHOWN.items():
        style.seeds(panel, errors(table, which), "fraction", color, linestyle, label)
    guess = chance(table)
    style.chance(panel, None if guess is None else 1 - guess)
    panel.set(xlabel="fraction of the train labels drawn at random", ylabel="error", ylim=(0, 1.02))
    panel.set_xticks(fractions(table))
    style.legend_below(panel)
    return figure


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Bound and errors at each share of random labels, least to greatest over seeds."""
    lines = []
    for (label, _, _), which in SHOWN.items():
        found = errors(table, which).groupby("fraction").value
        lines.append(f"{label}: " + ", ".join(f"{spread(values, '.3f')} at {at:g}" for at, values in found))
    return "\n".join(lines)


EXPERIMENT = Experiment(draw, summary)
