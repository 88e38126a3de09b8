"""Deep double descent: train and test error by width and wrong train labels.

Dotted lines are the interpolation thresholds: the least width from which on the train error, of labels as they were
trained on, is at most .01 on average over seeds. The last panel is the most wrong labels alone, by epoch: of the
network of the least test error before its peak, of the one at the peak, and of the widest.

Test labels are right; losses are of the same networks.
"""

import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab.experiments.double_descent.networks import DOTTED, WIDTH, WRONG, Peak, errors, peak, prominence, threshold
from rotelab.experiments.experiment import Experiment
from rotelab.figures import style
from rotelab.results.lines import spread


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Errors and losses over the width, a line for each share of wrong labels, and errors over epochs. Raises Refusal
    where runs are missing."""
    found, losses = errors(table), errors(table, "loss")
    figure, (test, train, loss, epochs) = style.axes(4, width=13.0, height=3.8)
    for wrong, color in zip(sorted(found.wrong.unique()), style.PALETTE, strict=False):
        label = f"{wrong:.0%} of labels wrong"
        of = found[found.wrong == wrong]
        for panel, rows, column in ((test, of, "test"), (train, of, "train"), (loss, losses, "test")):
            shown = rows[rows.wrong == wrong].assign(run=rows.seed, value=rows[column])
            style.seeds(panel, shown, "width", color, "-", label)
        if (at := threshold(of.groupby("width").train.mean())) is not None:
            for panel in (test, train, loss):
                panel.axvline(at, color=color, linewidth=0.9, linestyle=":")
    for panel, words in ((test, "test error"), (train, "train error"), (loss, "test loss (nats)")):
        panel.set(xscale="log", xlabel="width", ylabel=words)
        style.counted(panel)
    for panel in (test, loss):
        panel.set_yscale("log")
    train.set_ylim(-0.01, None)
    _epochs(epochs, table)
    for panel in (test, train, loss, epochs):
        style.legend_below(panel, 1)
    return figure


def shown(table: pandas.DataFrame) -> Peak:
    """The widths of the peak of the mean test error with the most wrong labels; beyond it the widest of all."""
    found = errors(table)
    most = found[found.wrong == found.wrong.max()]
    return peak(most.groupby("width").test.mean())._replace(beyond=most.width.max())


def by_epoch(table: pandas.DataFrame, wrong: float, width: float) -> pandas.DataFrame:
    """Test errors of these networks: a row an epoch, a column a seed."""
    chosen = table[(table[WRONG] == wrong) & (table[WIDTH] == width) & (table.metric == "accuracy")]
    return 1 - chosen[chosen.split == "held_out"].pivot(index="epoch", columns="seed", values="value")


def _epochs(panel: Axes, table: pandas.DataFrame) -> None:
    wrong = table[WRONG].max()
    for width, color in zip(dict.fromkeys(shown(table)), style.shades(3), strict=False):
        wide = by_epoch(table, wrong, width)
        rows = wide.reset_index().melt("epoch", var_name="run")
        style.seeds(panel, rows[rows.epoch > 0], "epoch", color, "-", f"width {width:g}, {wrong:.0%} wrong")
    panel.set(xscale="log", xlabel="epochs", ylabel="test error")
    style.counted(panel)


def note(table: pandas.DataFrame) -> list[str]:
    return [*style.seeds_note(table), DOTTED]


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Of each share of wrong labels the threshold, and where the test error is least, greatest and least again."""
    found, lines = errors(table), []
    for wrong, of in found.groupby("wrong"):
        means = of.groupby("width")[["train", "test"]].mean()
        at, places = threshold(means.train), peak(means.test)
        told = ", ".join(
            f"{means.test[width]:.3f} ({spread(of[of.width == width].test, '.3f')}) at width {width:g}"
            for width in places
        )
        interpolated = "no width interpolates" if at is None else f"interpolates from width {at:g} on"
        lines.append(f"{wrong:.0%} of labels wrong: {interpolated}; test error {told}")
    wrong = found.wrong.max()
    for width in dict.fromkeys(shown(table)):
        curve = by_epoch(table, wrong, width).dropna().mean(axis=1)
        of = peak(curve)
        lines.append(
            f"width {width:g}, {wrong:.0%} wrong, by epoch: least test error {curve.min():.3f} after epoch "
            f"{curve.idxmin()}, {curve.iloc[-1]:.3f} at the end; the most prominent peak, after epoch {of.at}, is "
            f"{max(0.0, prominence(curve, of)):.3f} high"
        )
    return "\n".join(lines)


EXPERIMENT = Experiment(draw, summary, losses=("held_out",), note=note)
