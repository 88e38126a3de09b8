"""Figure 2d: the train split while the pseudo-test accuracy is held at u = l.

Each colour is a target u = l, at which the pseudo-test accuracy of the right panel is held; black is plain training.
Where a target is above what plain training reaches, that split is learned as well, all such targets are the same run,
and it is no longer about memorizing.

Draws from the sweeps fig2d and fig2_plain.
"""

from dataclasses import replace

import pandas
from matplotlib.figure import Figure

from rotelab.errors import Refusal
from rotelab.experiments.experiment import Experiment
from rotelab.figures import curves, style
from rotelab.results.lines import Line, check_seeds

PLAIN = Line(
    "plain training, Eq. (3)",
    {"objective": "standard", "data/inputs": "clean"},
    "black",
    recorded="conv_eq3_cifar_10k_200ep",
)


def lines(table: pandas.DataFrame) -> list[Line]:
    """One for each target u = l of the sweep, and plain training. Raises Refusal where there are no targets."""
    if "objective.u" not in table:
        raise Refusal("Figure 2d needs runs of several objective.u")
    targets = sorted(table["objective.u"].dropna().unique())
    return [
        *(
            Line(
                f"u = l = {100 * u:.0f} %" + (", both halves learned" if u == 1 else ""),
                {"objective": "target", "objective.u": u},
                color,
                recorded=f"conv_eq5_target{100 * u:.0f}_10k",
            )
            for u, color in zip(targets, style.shades(len(targets), "plasma"), strict=True)
        ),
        PLAIN,
    ]


def unlearned(line: Line) -> Line:
    """The same runs on the pseudo-test split."""
    return replace(line, split="pseudo_test")


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Accuracy on the train and on the pseudo-test split, which a high target trains on as well."""
    shown = lines(table)
    check_seeds(table, shown)
    figure, (train, other) = style.axes(2)
    curves.draw(train, table, shown, record)
    curves.draw(other, table, [unlearned(line) for line in shown], record)
    train.set(ylabel="train accuracy", ylim=(0, 1))
    other.set(ylabel="pseudo-test accuracy", ylim=(0, 1))
    style.legend_below(train)
    style.legend_below(other)
    return figure


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    shown = lines(table)
    return curves.summary(table, [*shown, *(unlearned(line) for line in shown)], record)


EXPERIMENT = Experiment(draw, summary, sweeps=("fig2d", "fig2_plain"))
