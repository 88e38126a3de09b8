"""Can more train images hurt? Errors by width, on train sets of several sizes.

Dotted lines are the interpolation thresholds: the least width from which on the train error is at most .01 on average
over seeds. On the right the test error with the most images minus that with the fewest, of a seed: above 0 more hurt.

Test labels are right, and test images the same.
"""

import pandas
from matplotlib.figure import Figure

from rotelab.errors import Refusal
from rotelab.experiments.double_descent.networks import DOTTED, WRONG, errors, threshold
from rotelab.experiments.experiment import Experiment
from rotelab.figures import style
from rotelab.results.lines import spread

SIZE = "data.size"


def measured(table: pandas.DataFrame) -> pandas.DataFrame:
    """``networks.errors``, with the ``size`` of each train set. Raises Refusal where runs are missing, of one size, or
    of several shares of wrong labels."""
    if SIZE not in table or table[SIZE].nunique() < 2:
        raise Refusal("the figure needs runs of sweep=samples, of two sizes of the train set or more")
    found = pandas.concat(
        errors(table[table[SIZE] == size]).assign(size=int(size)) for size in sorted(table[SIZE].unique())
    )
    if found.wrong.nunique() > 1:
        raise Refusal("the figure needs runs of one share of wrong labels")
    return found


def hurt(found: pandas.DataFrame) -> pandas.DataFrame:
    """The test error with the most images minus that with the fewest: a row a width, a column a seed. Raises Refusal
    where the two have not the same networks."""
    most, fewest = (
        found[found["size"] == size].pivot(index="width", columns="seed", values="test")
        for size in (found["size"].max(), found["size"].min())
    )
    if not (most.index.equals(fewest.index) and most.columns.equals(fewest.columns)):
        raise Refusal("the figure needs the same widths and seeds for every size of the train set")
    return most - fewest


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Errors over the width, a line a size, and what more images change. Raises Refusal where runs are missing."""
    found = measured(table)
    figure, (test, train, change) = style.axes(3, width=11.0, height=3.8)
    sizes = sorted(found["size"].unique())
    for size, color in zip(sizes, style.PALETTE, strict=False):
        of = found[found["size"] == size]
        for panel, column in ((test, "test"), (train, "train")):
            style.seeds(panel, of.assign(run=of.seed, value=of[column]), "width", color, "-", f"{size:,} images")
        if (at := threshold(of.groupby("width").train.mean())) is not None:
            for panel in (test, train):
                panel.axvline(at, color=color, linewidth=0.9, linestyle=":")
    rows = hurt(found).reset_index().melt("width", var_name="run")
    style.seeds(change, rows, "width", style.NOISE, "-", f"{sizes[-1]:,} images minus {sizes[0]:,}")
    change.axhline(0, color="black", linewidth=0.6)
    for panel, words in ((test, "test error"), (train, "train error"), (change, "change of the test error")):
        panel.set(xscale="log", xlabel="width", ylabel=words)
        style.counted(panel)
        style.legend_below(panel, 1)
    return figure


def note(table: pandas.DataFrame) -> list[str]:
    wrong = table[WRONG].max()
    return [*style.seeds_note(table), f"{wrong:.0%} of labels wrong", DOTTED]


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Of each size the threshold and test errors by width, and where more images change them least for the better."""
    found, lines = measured(table), []
    for size, of in found.groupby("size"):
        at = threshold(of.groupby("width").train.mean())
        told = ", ".join(f"{error:.3f} at {width:g}" for width, error in of.groupby("width").test.mean().items())
        interpolated = "no width interpolates" if at is None else f"interpolates from width {at:g} on"
        lines.append(f"{size:,} images: {interpolated}; test error {told}")
    change = hurt(found)
    width = change.mean(axis=1).idxmax()
    lines.append(
        f"from {found['size'].min():,} to {found['size'].max():,} images the test error changes by "
        f"{change.loc[width].mean():+.3f} ({spread(change.loc[width], '+.3f')}) at width {width:g}, the most, and by "
        f"{change.iloc[-1].mean():+.3f} ({spread(change.iloc[-1], '+.3f')}) at width {change.index[-1]:g}"
    )
    return "\n".join(lines)


EXPERIMENT = Experiment(draw, summary, note=note)
