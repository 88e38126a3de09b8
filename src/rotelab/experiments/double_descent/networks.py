"""What is asked of networks of several widths: their errors, the peak of a curve, and where they interpolate."""

from typing import NamedTuple

import pandas

from rotelab.errors import Refusal
from rotelab.results.lines import check_every, check_names

WIDTH, WRONG = "model.width", "data.labels.fraction"
FITTED = 0.01
"""The train error up to which a train split is called interpolated: its labels as they are trained on, wrong ones too.
"""
DOTTED = f"dotted: from here on a mean train error of at most {FITTED:g}"


class Peak(NamedTuple):
    """Where a curve has it, with the least to either side of it."""

    before: float
    at: float
    beyond: float


def peak(curve: pandas.Series) -> Peak:
    """The inner point of the greatest topographic prominence, ``y(x) - max(min before x, min beyond x)``, with the
    places of these two; of a curve without a peak the one where that is least negative.

    Raises Refusal for fewer than three points.
    """
    if len(curve) < 3:
        raise Refusal(f"a peak needs three points, and there are {len(curve)}")
    curve = curve.sort_index()
    before, beyond = curve.cummin().shift(1), curve[::-1].cummin()[::-1].shift(-1)
    at = (curve - pandas.concat([before, beyond], axis=1).max(axis=1))[1:-1].idxmax()
    return Peak(curve[curve.index < at].idxmin(), at, curve[curve.index > at].idxmin())


def prominence(curve: pandas.Series, of: Peak) -> float:
    """How far a curve rises to these places' peak, or falls from it, whichever is less: not its own peak's where the
    places are another's."""
    return float(curve[of.at] - max(curve[of.before], curve[of.beyond]))


def errors(table: pandas.DataFrame, of: str = "accuracy") -> pandas.DataFrame:
    """(run, wrong, width, seed, train, test) after the last epoch: errors in [0, 1] on the train labels as they were
    trained on, and on held-out images, whose labels are right; ``of`` the loss in nats instead.

    Raises Refusal where the runs name no width, or a width lacks a seed.
    """
    check_names(table, [WIDTH, WRONG])
    last = table[(table.epoch == table.groupby("run").epoch.transform("max")) & (table.metric == of)]
    check_every(last, [WRONG, WIDTH], "width and share of wrong labels")
    keys = ["run", WRONG, WIDTH, "seed"]
    found = last[last.split.isin(["train", "held_out"])].pivot(index=keys, columns="split", values="value")
    found = (1 - found if of == "accuracy" else found).reset_index()
    named = found.rename(columns={WRONG: "wrong", WIDTH: "width", "held_out": "test"})
    return named.astype({"wrong": float, "width": float})


def threshold(by_width: pandas.Series) -> float | None:
    """The interpolation threshold: the least width from which on the train error is at most FITTED; None where the
    widest is not."""
    found: float | None = None
    by_width = by_width.sort_index(ascending=False)
    for width, error in zip(by_width.index.tolist(), by_width, strict=True):
        if error > FITTED:
            break
        found = float(width)
    return found
