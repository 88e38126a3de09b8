"""Do tickets memorize more or less easily than the whole network?"""

from math import log2

import pandas

from rotelab.claims.claim import Ask, NotMeasured, Values, our_question
from rotelab.claims.shares import ShareDifference, counts_by_seed
from rotelab.claims.verdicts import Above, Below
from rotelab.experiments.lottery_tickets.memorize import LEVEL, SHARE, eases, epochs
from rotelab.experiments.lottery_tickets.rungs import line, nearest, rounds
from rotelab.results.lines import dead

QUARTER, FEW = 25.0, 6.25
"""Per cent of the weights at which claims are asked."""


def _easier(left: float) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        found = eases(table, "split", "ticket")
        return {"": found.loc[nearest(table, SHARE, left)] - found.loc[0]}

    return values


def _mask(table: pandas.DataFrame) -> Values:
    at = nearest(table, SHARE, FEW)
    return {"": eases(table, "split", "ticket").loc[at] - eases(table, "split", "random_mask").loc[at]}


def _gap(table: pandas.DataFrame) -> Values:
    """In doublings of epochs, tickets over the whole network."""
    split, plain = (epochs(table, objective, "ticket") for objective in ("split", "standard"))
    at = nearest(table, SHARE, QUARTER)
    if (both := pandas.concat([split.loc[[0, at]], plain.loc[[0, at]]])).isna().any(axis=None):
        raise NotMeasured(f"{int(both.notna().sum().sum())} of {both.size} runs came to a train accuracy of {LEVEL}")
    ratios = split / plain
    return {"": (ratios.loc[at] / ratios.loc[0]).map(log2)}


def _dies(table: pandas.DataFrame) -> Values:
    """Of all runs of Eq. (1): tickets of any round minus the whole network."""
    pruned = pandas.concat([dead(table, line("ticket", at, "split")) for at in rounds(table)[1:]])
    whole = dead(table, line("ticket", 0, "split"))
    return {"": ShareDifference(counts_by_seed(pruned), counts_by_seed(whole))}


CLAIMS = [
    *(
        our_question(
            text=f"Tickets with {words} of the weights memorize more easily than the whole network",
            quantity=f"mean train accuracy of Eq. (1) over all epochs, the round nearest to {left:g} % minus round 0",
            rule=Above(0.0),
            values=_easier(left),
            sweep=("memorize",),
        )
        for words, left in (("a quarter", QUARTER), ("a sixteenth", FEW))
    ),
    our_question(
        text="What plain training leaves memorizes more easily than other masks of the same counts",
        quantity=f"mean train accuracy of Eq. (1) over all epochs, tickets minus random masks, nearest to {FEW:g} %",
        rule=Above(0.0),
        values=_mask,
        sweep=("memorize",),
    ),
    our_question(
        text="Memorizing takes fewer times the epochs of plain training on tickets than on the whole network",
        quantity=f"log2 of the epochs to a train accuracy of {LEVEL} of Eq. (1) over those of Eq. (3), at the round "
        f"nearest to {QUARTER:g} % minus round 0",
        rule=Below(0.0),
        values=_gap,
        sweep=("memorize",),
    ),
    our_question(
        text="Tickets die more often under gradient splitting",
        quantity="share of dead runs of Eq. (1), tickets of all rounds minus the whole network",
        rule=Above(0.0),
        values=_dies,
        sweep=("memorize",),
        dead=True,
    ),
]
