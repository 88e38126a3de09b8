"""Adversarial initialization: true labels are learned after random ones.

A column for each optimizer: above the test error over epochs, a ring where the train labels are first fitted, below
the m-coherence r of the train images. A network whose past left a trace stays above the one that begins with drawn
weights; one with drawn weights of the fitted network's norms tells the size of the weights from the labels.
"""

import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab.experiments.coherent_gradients import fig3
from rotelab.experiments.experiment import Experiment
from rotelab.figures import curves, style
from rotelab.results.lines import Line, check_names, check_seeds, finals, reached, rows, spread

KEEP, FRACTION, OPTIMIZER = "start.keep", "data.labels.fraction", "optimizer"
STARTS = {
    "nothing": ("as drawn", style.PLAIN),
    "norms": ("as drawn, norms of the fitted network", style.BOTH),
    "weights": ("fitted to random labels", style.MEMORIZE),
}
OPTIMIZERS = {"plain_sgd": "plain SGD", "regularized_sgd": "momentum and weight decay"}
TRUE, RANDOM = 0.0, 1.0
"""Shares of random train labels."""
FITTED = fig3.FITTED


def line(start: str, optimizer: str, split: str = "held_out", metric: str = "accuracy", labels: float = TRUE) -> Line:
    name, color = STARTS[start]
    where = {KEEP: start, FRACTION: labels, OPTIMIZER: optimizer}
    return Line(name, where, color, split, metric=metric)


def fits(table: pandas.DataFrame, start: str, optimizer: str) -> pandas.DataFrame:
    """By seed, of true labels: the ``epoch`` and ``step`` of the first train accuracy of FITTED after a step, the test
    accuracy then, ``held_out``, and the median ``r`` of the measurements from the first epoch until then; no row where
    it was not fitted."""
    trained = table[table.epoch > 0]
    first = reached(trained, line(start, optimizer, "train"), [FITTED]).set_index("seed")[["epoch", "step"]]
    test = rows(trained, line(start, optimizer)).merge(first, on=["seed", "epoch"]).set_index("seed").value
    r = rows(trained, line(start, optimizer, "train", "coherence_r")).merge(first.epoch.rename("fit"), on="seed")
    median = r[r.epoch <= r.fit].groupby("seed").value.median()
    return first.assign(held_out=test, r=median)


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Raises Refusal, with a sentence, where runs are missing or differ in their seeds."""
    check_names(table, [KEEP, FRACTION, OPTIMIZER], "runs of sweep=adversarial_start, which name")
    figure, panels = style.axes(len(OPTIMIZERS), width=7.5, height=5.6, rows=2)
    for optimizer, above, below in zip(OPTIMIZERS, panels[:2], panels[2:], strict=True):
        lines = [line(start, optimizer, "train", "coherence_r") for start in STARTS]
        check_seeds(table, lines)
        curves.draw(below, table, lines)
        _errors(above, table, optimizer)
        above.set_title(OPTIMIZERS[optimizer], fontsize=8)
        above.set(xlabel="epochs", ylabel="test error" if above is panels[0] else "", yscale="log")
        below.set(yscale="log", ylabel="r: examples that one helps" if above is panels[0] else "")
        below.axhline(1, color="black", linewidth=0.6)
        for panel in (above, below):
            panel.set_xscale("symlog", linthresh=1)
            panel.set_xlim(0, None)
        style.legend_below(below, 1)
    for row in (panels[:2], panels[2:]):
        limits = [panel.get_ylim() for panel in row]
        for panel in row:
            panel.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))
    return figure


def _errors(panel: Axes, table: pandas.DataFrame, optimizer: str) -> None:
    """One minus the test accuracy, with a ring at the fit of each run."""
    for start, (name, color) in STARTS.items():
        of = rows(table, line(start, optimizer))
        style.seeds(panel, of.assign(value=1 - of.value), "epoch", color, "-", name)
        at = fits(table, start, optimizer)
        panel.plot(at.epoch, 1 - at.held_out, "o", color=color, fillstyle="none", markersize=4)


def note(table: pandas.DataFrame) -> list[str]:
    return [*style.seeds_note(table), f"ring: train accuracy {FITTED:g}", "black: r of orthogonal gradients"]


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Of each optimizer and start: test accuracy at the fit and at the end, the epochs to the fit, and r until then."""
    texts = []
    for optimizer, name in OPTIMIZERS.items():
        for start, (label, _) in STARTS.items():
            at, end = fits(table, start, optimizer), finals(table, line(start, optimizer))
            fit = "never fitted"
            if len(at):
                r = f", r {spread(at.r.dropna(), '.2g')}" if at.r.notna().any() else ""
                fit = f"test {spread(at.held_out, '.3f')} at the fit, epoch {spread(at.epoch, 'd')}{r}"
            texts.append(f"{name}, {label}: {fit}; {spread(end, '.3f')} at the end")
    return "\n".join(texts)


EXPERIMENT = Experiment(draw, summary, note=note)
