"""Section 4: where does the norm of the first layer's gradient peak and end, and is it higher under plain training?"""

from math import log2
from typing import Any

import pandas

from rotelab.claims.claim import Ask, Claim, NotMeasured, Values
from rotelab.claims.verdicts import Above, Below, Within
from rotelab.experiments.gradient_splitting import fig1, gradient_norm
from rotelab.experiments.gradient_splitting.claims.fig1 import MEMORIZED
from rotelab.results.lines import finals


def _check_fitted(table: pandas.DataFrame, objective: str = "standard") -> None:
    """Neither a peak nor an end is one where the training was stopped on its way."""
    of_kind = fig1.lines(fig1.kinds(table)[0])  # of the runs whose gradient is asked for
    train = next(line for line in of_kind if line.where["objective"] == objective and line.split == "train")
    final = finals(table, train)
    if final.min() < MEMORIZED:
        raise NotMeasured(f"{train.label}: it was stopped at {final.min():.2f}")


def _last_batch(objective: str, what: str) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        _check_fitted(table, objective)
        plain, split = gradient_norm.lines(table, "last_batch_gradient_norm")
        found = gradient_norm.extremes(table, {"standard": plain, "split": split}[objective])
        return {"": found[what].astype(float)}

    return values


def _plain_over_split(what: str, metric: str) -> Ask:
    """Log2 of plain training's number over gradient splitting's, where plain training fitted."""

    def values(table: pandas.DataFrame) -> Values:
        _check_fitted(table)
        plain, split = (
            gradient_norm.extremes(table, line).set_index("seed")[what] for line in gradient_norm.lines(table, metric)
        )
        return {"": (plain / split).dropna().map(log2)}

    return values


def _of_the_paper(objective: str, what: str, **said: Any) -> Claim:
    """A number of the paper's sizes, of the last batch of every epoch."""
    values = _last_batch(objective, what)
    return Claim(where="section 4", values=values, sweep=("gradient_norm",), only="paper", **said)


def _compared(metric: str, name: str) -> tuple[Claim, Claim]:
    """Both objectives' peaks and ends."""
    return (
        Claim(
            text=f"The gradient's peak is higher under Eq. (3) than under Eq. (1), {name}",
            where="section 4",
            paper="1 against .1",
            recorded="Eq. (3) alone: 3.85",
            quantity="log2 of the greatest norm of its gradient, Eq. (3) over Eq. (1)",
            rule=Above(0.0),
            values=_plain_over_split("peak", metric),
            sweep=("gradient_norm",),
        ),
        Claim(
            text=f"... and its end lower, {name}",
            where="section 4",
            paper="5e-6 against 5e-3",
            recorded="Eq. (3) alone: 1.4e-5",
            quantity="log2 of the last norm of its gradient, Eq. (3) over Eq. (1)",
            rule=Below(0.0),
            values=_plain_over_split("end", metric),
            sweep=("gradient_norm",),
        ),
    )


CLAIMS = [
    _of_the_paper(
        "standard",
        "peak",
        text="Under plain training the first layer's gradient peaks just under 1",
        paper="just under 1",
        recorded="3.85",
        quantity="greatest norm, last batch of an epoch",
        rule=Within(0.8, 1.0),
    ),
    _of_the_paper(
        "standard",
        "epoch",
        text="... around epoch 50",
        paper="50",
        recorded="72",
        quantity="its epoch",
        rule=Within(30.0, 70.0),
    ),
    _of_the_paper(
        "standard",
        "end",
        text="... and ends at 5e-6",
        paper="5e-6",
        recorded="1.4e-5",
        quantity="last norm",
        rule=Within(1e-6, 1e-5),
    ),
    _of_the_paper(
        "split",
        "peak",
        text="Under Eq. (1) it peaks at 0.1",
        paper=".1",
        quantity="greatest norm",
        rule=Within(0.05, 0.2),
    ),
    _of_the_paper(
        "split",
        "end",
        text="... and ends at 5e-3",
        paper="5e-3",
        quantity="last norm",
        rule=Within(1e-3, 1e-2),
    ),
    *_compared("last_batch_gradient_norm", "last batch"),
    *_compared("gradient_norm", "all training batches"),
]
