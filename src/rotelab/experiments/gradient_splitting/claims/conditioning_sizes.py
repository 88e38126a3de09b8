"""Do good settings memorize larger images, and more of them? By rules that were set after runs of another seed, and
before these."""

from collections.abc import Callable
from functools import partial
from math import log2

import pandas
from scipy.stats import linregress

from rotelab.claims.claim import NotMeasured, Values, our_question
from rotelab.claims.verdicts import Above, Below
from rotelab.experiments.gradient_splitting.claims.conditioning import below_plain, times
from rotelab.experiments.gradient_splitting.conditioning_sizes import SIDE, SIZE, rows
from rotelab.results.lines import Line


def _by_size(table: pandas.DataFrame) -> dict[str, pandas.Series]:
    """By the words of a size and by seed: log2 of the epochs of Eq. (1) over those of Eq. (3)."""
    return _of_each(table, lambda *lines: times(table, *lines)["epochs"])


def _below_plain(table: pandas.DataFrame) -> Values:
    return _of_each(table, lambda *lines: below_plain(table, *lines))


def _of_each(table: pandas.DataFrame, ask: Callable[[Line, Line], pandas.Series]) -> dict[str, pandas.Series]:
    """Of every size, by its words. NotMeasured, with its words, where a seed of one did not come to the level."""
    found = {}
    for words, lines in rows(table).items():
        try:
            found[words] = ask(*lines)
        except NotMeasured as reason:
            raise NotMeasured(f"{words}: {reason}") from reason
    return found


def _per_doubling(table: pandas.DataFrame, of: str, other: str) -> Values:
    """By seed: how much a doubling ``of`` the one adds to log2 of the ratio, the mean over values of the ``other``."""
    found = pandas.DataFrame(_by_size(table))
    cells = pandas.DataFrame([lines[0].where for lines in rows(table).values()], index=found.columns)
    if cells[of].nunique() < 2:
        raise NotMeasured(f"all runs have the same {of}")
    if len(cells) < cells[of].nunique() * cells[other].nunique():
        raise NotMeasured(f"there is not every {of} with every {other}")
    slopes = [
        {seed: linregress(at[of].map(log2), found.loc[seed, at.index]).slope for seed in found.index}
        for _, at in cells.groupby(other)
    ]
    return {"": pandas.DataFrame(slopes).mean()}


ask = partial(our_question, sweep=("conditioning_sizes",), dead=True)
CLAIMS = [
    ask(
        text="At every size memorizing takes many more epochs than plain training under good conditioning",
        quantity="log2 of the epochs of Eq. (1) over those of Eq. (3)",
        rule=Above(1.0),
        values=_by_size,
    ),
    ask(
        text="... namely fewer than 5 times as many at every size",
        quantity="log2 of the epochs of Eq. (1) over those of Eq. (3)",
        rule=Below(log2(5)),
        values=_by_size,
    ),
    *(
        ask(
            text=text,
            quantity=f"log2 of the epochs of Eq. (1) over those of Eq. (3), per doubling of {words}",
            rule=Above(0.0),
            values=partial(_per_doubling, of=of, other=other),
        )
        for text, words, of, other in (
            ("The larger the images, the more times as many epochs", "their side", SIDE, SIZE),
            ("The more images, the more times as many epochs", "their number", SIZE, SIDE),
        )
    ),
    ask(
        text="At every size a network that memorized has a lower held-out accuracy than one trained plainly",
        quantity="held-out accuracy, Eq. (1) minus Eq. (3), at the same train accuracy",
        rule=Below(0.0),
        values=_below_plain,
    ),
]
