"""Is a ticket of a convolutional network better after going back to an early epoch, or pruned across layers?"""

import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.verdicts import Above
from rotelab.experiments.lottery_tickets.rewinding import SHARE, of, rewinds, whole
from rotelab.experiments.lottery_tickets.rungs import nearest
from rotelab.experiments.lottery_tickets.tickets import accuracies

FEW = 3.6
"""Per cent of the weights at which claims are asked, the round nearest to it."""
THERE = "at the round nearest to 3.6 %"


def _few(table: pandas.DataFrame, scope: str, rewind: int) -> pandas.Series:
    return accuracies(of(table, scope, rewind), "ticket").loc[nearest(table, SHARE, FEW)]


def _rewound(table: pandas.DataFrame) -> Values:
    start, epoch = rewinds(table)
    return {"": _few(table, "layer", epoch) - _few(table, "layer", start)}


def _together(table: pandas.DataFrame) -> Values:
    _, epoch = rewinds(table)
    return {"": _few(table, "global", epoch) - _few(table, "layer", epoch)}


def _whole(table: pandas.DataFrame) -> Values:
    _, epoch = rewinds(table)
    return {"": _few(table, "global", epoch) - whole(table)}


CLAIMS = [
    Claim(
        text="A convolutional network's tickets are more accurate when they go back to an early epoch",
        where="Frankle et al. (2020), section 4",
        paper="tickets of deep networks are matching only if rewound to where training has become stable",
        quantity=f"held-out accuracy at the end, back to the epoch minus back to the start; by layer, {THERE}",
        rule=Above(0.005),
        values=_rewound,
        sweep=("rewinding",),
    ),
    Claim(
        text="... and when all layers are pruned together",
        where="Frankle and Carbin (2019), section 4",
        paper="in deep networks global pruning finds smaller tickets",
        quantity=f"held-out accuracy at the end, all layers together minus by layer; back to the epoch, {THERE}",
        rule=Above(0.005),
        values=_together,
        sweep=("rewinding",),
    ),
    Claim(
        text="... so that they are as accurate as the whole network",
        where="Frankle et al. (2020), section 4",
        paper="rewound tickets are matching",
        quantity=f"held-out accuracy at the end minus the whole network's; all layers, back to the epoch, {THERE}",
        rule=Above(-0.005),
        values=_whole,
        sweep=("rewinding",),
    ),
]
