"""Which pairs of networks are connected, and what training together and matching hidden units are worth.

The settings are those of the figure's demo, and the seeds others. The rule was set before either; that there is no hump
between two that differ was seen in the figure first.
"""

from functools import cache, partial

import pandas

from rotelab.claims.claim import Claim, Values, our_question
from rotelab.claims.samples import Bounded
from rotelab.claims.verdicts import Above, Below

SEEDS, TOGETHER = range(100, 105), 4
IMAGES = 400
STABLE = Below(0.02)
"""Of the barrier in error: two such networks are called connected (Frankle et al. 2020, of the test error)."""


@cache
def _found() -> pandas.DataFrame:
    """A row a line and point of it; torch is imported when it is asked."""
    from rotelab.experiments.mode_connectivity import barriers

    scale = barriers.SCALES["demo"]._replace(at=(0, TOGETHER))
    return pandas.concat([barriers.rows(scale, None, seed) for seed in SEEDS])


def _barriers(pair: str, at: int = 0, matched: bool = False, column: str = "train_error") -> pandas.Series:
    """By seed."""
    from rotelab.experiments.mode_connectivity.barriers import barriers

    every = barriers(_found(), column)
    return every[(every.pair == pair) & (every["at"] == at) & (every.matched == matched)].set_index("seed").barrier


def _errors(of: pandas.Series) -> Values:
    """None is below 0: of a barrier the ends are points of the line."""
    return {"": Bounded(tuple(of), 0.0, 1.0, 1 / IMAGES)}


def _barrier(_: pandas.DataFrame, pair: str, matched: bool = False) -> Values:
    return _errors(_barriers(pair, matched=matched))


def _hump(_: pandas.DataFrame) -> Values:
    lines = _found()[lambda of: (of.pair == "both") & ~of.matched]
    ends = lines[lines.place.isin((0.0, 1.0))]
    return _errors(lines.groupby("seed").train_error.max() - ends.groupby("seed").train_error.max())


def _parting(_: pandas.DataFrame) -> Values:
    early, late = (_barriers("memorize", at, column="train_loss") for at in (0, TOGETHER))
    return {"": early - late}


def _matching(_: pandas.DataFrame) -> Values:
    pair = "generalize, other start"
    return {"": _barriers(pair, 0, True, "train_loss") - _barriers(pair, 0, False, "train_loss")}


def _longer(_: pandas.DataFrame) -> Values:
    return {"": _barriers("memorize") - _barriers("as long")}


OF = f"MLPs of two hidden layers of 64 on {IMAGES} digits, 5 seeds of images, weights and orders"
QUANTITY = f"barrier of the train error; {OF}"
fit = partial(Claim, by_seed=True)
our_fit = partial(our_question, by_seed=True)

CLAIMS = [
    fit(
        text="Two that generalize, of one start, are connected, whatever their orders",
        where="Frankle et al. (2020), section 3",
        paper="LeNet on MNIST is stable to the noise of SGD from the start",
        quantity=QUANTITY,
        rule=STABLE,
        values=partial(_barrier, pair="generalize"),
    ),
    our_fit(
        text="... and so they are when they train as long as those that memorize",
        quantity=QUANTITY,
        rule=STABLE,
        values=partial(_barrier, pair="as long"),
    ),
    our_fit(
        text="Two that memorize, of one start, are connected",
        quantity=QUANTITY,
        rule=STABLE,
        values=partial(_barrier, pair="memorize"),
    ),
    our_fit(
        text="... and their barrier is higher than plain training's over as many epochs",
        quantity=f"barrier of the train error under Eq. (1) minus under Eq. (3); {OF}",
        rule=Above(0.0),
        values=_longer,
    ),
    our_fit(  # their barrier is from the mean of the ends, which differ, and says nothing
        text="Between one that generalizes and one that memorizes, of one start, none is worse than both by .02",
        quantity=f"greatest train error on the line minus that of the worse end; {OF}",
        rule=STABLE,
        values=_hump,
    ),
    fit(
        text="The barrier between two networks of one start falls with the epochs that they train together",
        where="Frankle et al. (2020), section 3",
        paper="networks become stable to the noise of SGD early in training",
        quantity=f"barrier of the train loss in nats, Eq. (1), parting at once minus after {TOGETHER} epochs; {OF}",
        rule=Above(0.0),
        values=_parting,
    ),
    fit(
        text="Matching hidden units lowers the barrier between networks of other starts",
        where="Ainsworth et al. (2023), section 5",
        paper="barriers fall, to 0 in wide networks",
        quantity=f"barrier of the train loss in nats under Eq. (3), matched minus as they are; {OF}",
        rule=Below(0.0),
        values=_matching,
    ),
    fit(
        text="... so that two that generalize are connected",
        where="Ainsworth et al. (2023), section 5",
        paper="barriers fall, to 0 in wide networks",
        quantity=f"barrier of the train error, hidden units matched; {OF}",
        rule=STABLE,
        values=partial(_barrier, pair="generalize, other start", matched=True),
    ),
    our_fit(
        text="... and two that memorize as well",
        quantity=f"barrier of the train error, hidden units matched; {OF}",
        rule=STABLE,
        values=partial(_barrier, pair="memorize, other start", matched=True),
    ),
]
