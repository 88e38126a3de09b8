"""Adversarial initialization: true labels are learned by a network that has fitted random ones.

A column for each optimizer: above the test accuracy over epochs, a ring where the train labels are first fitted, below
the m-coherence r of the train images. A network whose past left a trace stays below the one that begins with drawn
weights; one with drawn weights of the fitted network's norms tells the size of the weights from the labels.
"""

import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab.errors import Refusal
from rotelab.experiments.coherent_gradients import fig3
from rotelab.experiments.experiment import Experiment
from rotelab.figures import curves, style
from rotelab.results.lines import Line, check_names, check_seeds, finals, rows, spread

KEEP, FRACTION, MOMENTUM, DECAY = "start.keep", "data.labels.fraction", "optimizer.momentum", "optimizer.weight_decay"
STARTS = {
    "nothing": ("as drawn", style.PLAIN),
    "norms": ("as drawn, norms of the fitted network", style.BOTH),
    "weights": ("fitted to random labels", style.MEMORIZE),
}
OPTIMIZERS = {
    (False, False): "plain SGD",
    (False, True): "weight decay",
    (True, False): "momentum",
    (True, True): "momentum and weight decay",
}
"""Whether there is momentum, and weight decay."""
TRUE, RANDOM = 0.0, 1.0
"""Shares of random train labels."""
FITTED = fig3.FITTED


def optimized(table: pandas.DataFrame) -> pandas.DataFrame:
    """With columns ``momentum`` and ``decay``: whether there is any, whatever its size at a scale."""
    check_names(table, [KEEP, FRACTION, MOMENTUM, DECAY], "runs of sweep=adversarial_start, which name")
    return table.assign(momentum=table[MOMENTUM].astype(float) > 0, decay=table[DECAY].astype(float) > 0)


def line(
    start: str, optimizer: tuple[bool, bool], split: str = "held_out", metric: str = "accuracy", labels: float = TRUE
) -> Line:
    """Of a table that is ``optimized``."""
    name, color = STARTS[start]
    momentum, decay = optimizer
    where = {KEEP: start, FRACTION: labels, "momentum": momentum, "decay": decay}
    return Line(name, where, color, split, metric=metric)


def fits(table: pandas.DataFrame, start: str, optimizer: tuple[bool, bool]) -> pandas.DataFrame:
    """By seed, of true labels: the ``epoch`` and ``step`` of the first train accuracy of FITTED after a step, the test
    accuracy then, ``held_out``, and the median ``r`` of the measurements from the first epoch until then; no row where
    it was not fitted."""
    train = rows(table, line(start, optimizer, "train"))
    first = train[(train.value >= FITTED) & (train.epoch > 0)].sort_values("epoch").groupby("run").first()
    first = first[["seed", "epoch", "step"]]
    test = rows(table, line(start, optimizer)).merge(first, on=["run", "epoch"]).set_index("run").value
    r = rows(table, line(start, optimizer, "train", "coherence_r")).merge(first.epoch.rename("fit"), on="run")
    median = r[(r.epoch > 0) & (r.epoch <= r.fit)].groupby("run").value.median()
    return first.assign(held_out=test, r=median).set_index("seed")


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Raises Refusal, with a sentence, where runs are missing or differ in their seeds."""
    table = optimized(table)
    shown = [of for of in OPTIMIZERS if ((table.momentum == of[0]) & (table.decay == of[1])).any()]
    figure, panels = style.axes(len(shown), width=2.0 + 2.6 * len(shown), height=5.6, rows=2)
    for optimizer, above, below in zip(shown, panels[: len(shown)], panels[len(shown) :], strict=True):
        for panel, split, metric in ((above, "held_out", "accuracy"), (below, "train", "coherence_r")):
            lines = [line(start, optimizer, split, metric) for start in STARTS]
            check_seeds(table, lines)
            curves.draw(panel, table, lines)
            panel.set_xscale("symlog", linthresh=1)
        above.set_title(OPTIMIZERS[optimizer], fontsize=8)
        above.set(ylabel="test accuracy" if above is panels[0] else "", ylim=(0, 1.02))
        below.set(yscale="log", ylabel="r: examples that one helps" if above is panels[0] else "")
        below.axhline(1, color="black", linewidth=0.6)
        _rings(above, table, optimizer)
        style.legend_below(below, 1)
    return figure


def _rings(panel: Axes, table: pandas.DataFrame, optimizer: tuple[bool, bool]) -> None:
    for start, (_, color) in STARTS.items():
        at = fits(table, start, optimizer)
        panel.plot(at.epoch, at.held_out, "o", color=color, fillstyle="none", markersize=4)


def note(table: pandas.DataFrame) -> list[str]:
    sizes = [sorted({float(value) for value in table[name]} - {0.0}) for name in (MOMENTUM, DECAY)]
    words = [
        f"{name} {', '.join(f'{value:g}' for value in found)}"
        for name, found in zip(("momentum", "weight decay"), sizes, strict=True)
        if found
    ]
    return [*style.seeds_note(table), *words, f"ring: train accuracy {FITTED:g}", "black: r of orthogonal gradients"]


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Of each optimizer and start: test accuracy at the fit and at the end, the epochs to the fit, and r until then."""
    table, texts = optimized(table), []
    for optimizer, name in OPTIMIZERS.items():
        for start, (label, _) in STARTS.items():
            try:
                at, end = fits(table, start, optimizer), finals(table, line(start, optimizer))
            except Refusal:  # a sweep of fewer optimizers
                continue
            fit = "never fitted"
            if len(at):
                r = f", r {spread(at.r.dropna(), '.2g')}" if at.r.notna().any() else ""
                fit = f"test {spread(at.held_out, '.3f')} at the fit, epoch {spread(at.epoch, 'd')}{r}"
            texts.append(f"{name}, {label}: {fit}; {spread(end, '.3f')} at the end")
    return "\n".join(texts)


EXPERIMENT = Experiment(draw, summary, note=note)
