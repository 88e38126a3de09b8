"""Lottery tickets: held-out accuracy and steps by what pruning leaves.

On the left the held-out accuracy at the end, on the right the optimizer steps to nine tenths of what the whole network
of the same seed ends with, where every seed came there. Weights are pruned by layer, a fifth a round, and rewound to
where they began; the controls have as many in each layer.
"""

import pandas
from matplotlib.figure import Figure

from rotelab.experiments.experiment import Experiment
from rotelab.experiments.lottery_tickets.rungs import ARM, ARMS, ROUNDS, line, over_left, percent, rounds
from rotelab.figures import style
from rotelab.results.lines import check_every, finals, rows

SHARE, OF_DENSE = 0.2, 0.9
"""Pruned in a round; and the share of the whole network's accuracy that is to be reached."""


def accuracies(table: pandas.DataFrame, arm: str) -> pandas.DataFrame:
    """Held out, at the end: a row a round, a column a seed."""
    return pandas.DataFrame({at: finals(table, line(arm, at, split="held_out")) for at in rounds(table)}).T


def steps(table: pandas.DataFrame, arm: str) -> pandas.DataFrame:
    """Optimizer steps to nine tenths of the whole network's last accuracy: a row a round, a column a seed; missing
    where it was never reached, 0 where it was there before training, else in whole epochs."""
    wanted = OF_DENSE * accuracies(table, "ticket").loc[0]
    found = {}
    for at in rounds(table):
        of = rows(table, line(arm, at, split="held_out"))
        there = of[of.value >= of.seed.map(wanted)]
        found[at] = there.groupby("seed").step.min().reindex(wanted.index)
    return pandas.DataFrame(found).T.astype(float)


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Raises Refusal where runs are missing."""
    rounds(table)
    check_every(table, [ARM, ROUNDS], "arm and round")
    figure, (accuracy, speed) = style.axes(2)
    for arm, (words, color) in ARMS.items():
        for panel, values in ((accuracy, accuracies(table, arm)), (speed, steps(table, arm).dropna())):
            if values.empty:
                continue
            style.seeds(panel, over_left(values, SHARE), "left", color, "-", words)
    accuracy.axhline(accuracies(table, "ticket").loc[0].mean(), color="black", linewidth=0.8, linestyle=":")
    for panel, words in ((accuracy, "held-out accuracy"), (speed, f"steps to {OF_DENSE:g} of the whole network's")):
        panel.set(xscale="log", xlabel="% of the weights left", ylabel=words)
        panel.invert_xaxis()
        style.legend_below(panel)
    speed.set_ylim(0, None)
    return figure


def note(table: pandas.DataFrame) -> list[str]:
    return [*style.seeds_note(table), "dotted: the mean of the whole network", "the last layer keeps more: .9 a round"]


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Of each arm its accuracies and steps, by what is left."""
    texts = []
    for arm, (words, _) in ARMS.items():
        ends, speeds = accuracies(table, arm).mean(axis=1), steps(table, arm)
        told = []
        for at in rounds(table):
            reached = speeds.loc[at].dropna()
            when = f"{reached.mean():.0f} steps" if len(reached) else "never"
            some = f" ({len(reached)} of {speeds.shape[1]} seeds)" if 0 < len(reached) < speeds.shape[1] else ""
            told.append(f"{percent(SHARE, at):.3g} %: {ends[at]:.3f}, {when}{some}")
        texts.append(f"{words}: {'; '.join(told)}")
    return "\n".join(texts)


EXPERIMENT = Experiment(draw, summary, note=note)
