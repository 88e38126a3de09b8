"""Lottery tickets of a convolutional network: rewound where, pruned how.

On the left the held-out accuracy at the end by what pruning leaves, on the right the optimizer steps to nine tenths of
what the whole network of the same seed ends with, where every seed came there. Half of the weights go in a round,
of each layer or of all layers together, and the others go back to their initial values or to those of an early epoch.
"""

from itertools import product

import pandas
from matplotlib.figure import Figure

from rotelab.errors import Refusal
from rotelab.experiments.experiment import Experiment
from rotelab.experiments.lottery_tickets.rungs import ROUNDS, over_left, percent, rounds
from rotelab.experiments.lottery_tickets.tickets import OF_DENSE, accuracies, steps
from rotelab.figures import style
from rotelab.results.lines import check_every, check_names

SHARE = 0.5
"""Pruned in a round."""
SCOPE, REWIND = "start.scope", "start.rewind"
SCOPES = {"layer": ("by layer", style.PLAIN), "global": ("all layers together", style.BOTH)}


def rewinds(table: pandas.DataFrame) -> tuple[int, int]:
    """The start, 0, and the epoch. Raises Refusal where the runs have others."""
    check_names(table, [SCOPE, REWIND], "runs of start=pruned, which name")
    found = sorted(int(value) for value in table[REWIND].unique())
    if len(found) != 2 or found[0]:
        raise Refusal(f"the figure needs start.rewind=0 and one other, not {', '.join(map(str, found))}")
    return found[0], found[1]


def of(table: pandas.DataFrame, scope: str, rewind: int) -> pandas.DataFrame:
    """Its runs."""
    return table[(table[SCOPE] == scope) & (table[REWIND].astype(int) == rewind)]


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Raises Refusal where runs are missing."""
    ways = rewinds(table)
    rounds(table)
    check_every(table, [SCOPE, REWIND, ROUNDS], "scope, epoch of rewinding and round")
    figure, (accuracy, speed) = style.axes(2)
    for (scope, (words, color)), (rewind, linestyle) in product(SCOPES.items(), zip(ways, ("--", "-"), strict=True)):
        runs, label = of(table, scope, rewind), f"{words}, back to {f'epoch {rewind}' if rewind else 'the start'}"
        for panel, measure in ((accuracy, accuracies), (speed, steps)):
            if len(values := measure(runs, "ticket").dropna()):
                style.seeds(panel, over_left(values, SHARE), "left", color, linestyle, label)
    accuracy.axhline(whole(table).mean(), color="black", linewidth=0.8, linestyle=":")
    for panel, words in ((accuracy, "held-out accuracy"), (speed, f"steps to {OF_DENSE:g} of the whole network's")):
        panel.set(xscale="log", xlabel="% of the weights left", ylabel=words)
        panel.invert_xaxis()
    style.legend_below(accuracy)
    speed.set_ylim(0, None)
    return figure


def whole(table: pandas.DataFrame) -> pandas.Series:
    """The held-out accuracy of the whole network at the end, by seed; it is one network for all ways."""
    return accuracies(of(table, "layer", 0), "ticket").loc[0]


def note(table: pandas.DataFrame) -> list[str]:
    return [*style.seeds_note(table), "dotted: the mean of the whole network"]


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Of each way the accuracies by what is left."""
    texts = []
    for (scope, (words, _)), rewind in product(SCOPES.items(), rewinds(table)):
        ends = accuracies(of(table, scope, rewind), "ticket").mean(axis=1)
        told = "; ".join(f"{percent(SHARE, at):.3g} %: {ends[at]:.3f}" for at in rounds(table))
        texts.append(f"{words}, back to epoch {rewind}: {told}")
    return "\n".join(texts)


EXPERIMENT = Experiment(draw, summary, note=note)
