"""Are there tickets, and is it their weights, their masks or both?"""

import pandas

from rotelab.claims.claim import Ask, Claim, NotMeasured, Values
from rotelab.claims.verdicts import Above, Within
from rotelab.experiments.lottery_tickets.rungs import nearest
from rotelab.experiments.lottery_tickets.tickets import SHARE, accuracies, steps

FIFTH, FEW = 21.0, 3.6
"""Per cent of the weights at which claims are asked, the rounds nearest to them."""
PAPER = "Frankle and Carbin (2019)"


def _above_whole(table: pandas.DataFrame) -> Values:
    found = accuracies(table, "ticket")
    return {"": found.loc[nearest(table, SHARE, FIFTH)] - found.loc[0]}


def _above(arm: str, left: float) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        at = nearest(table, SHARE, left)
        return {"": accuracies(table, "ticket").loc[at] - accuracies(table, arm).loc[at]}

    return values


def _slower(table: pandas.DataFrame) -> Values:
    """A ticket may be as accurate before it is trained: a difference, as a ratio would be of 0."""
    at = nearest(table, SHARE, FIFTH)
    ticket, other = (steps(table, arm).loc[at] for arm in ("ticket", "reinitialized"))
    if (both := pandas.concat([ticket, other])).isna().any():
        raise NotMeasured(f"{both.notna().sum()} of {len(both)} runs came to the accuracy")
    return {"": other - ticket}


def _ladder(_: pandas.DataFrame) -> Values:
    """Of LeNet-300-100 after fifteen rounds; torch is imported when it is asked."""
    from rotelab.models import pruning
    from rotelab.models.mlp import mlp

    network = mlp((1, 28, 28), 10, [300, 100])
    weights, shares = pruning.weights(network), pruning.shares(network, SHARE, SHARE / 2)
    left = pruning.nonzero(weights)
    for _round in range(15):
        left = pruning.by_layer(weights, left, shares)
    whole = sum(weight.numel() for weight in weights.values())
    return {"": [100 * sum(int(mask.sum()) for mask in left.values()) / whole]}


CLAIMS = [
    Claim(
        text="Fifteen rounds leave 3.6 % of LeNet-300-100",
        where=f"{PAPER}, Figure 1",
        paper="3.6 %",
        recorded="3.58 %",
        quantity="per cent of 266,200 weights after fifteen rounds, 20 % a round, 10 % of the last layer",
        rule=Within(3.575, 3.585),
        values=_ladder,
    ),
    Claim(
        text="Tickets with a fifth of the weights are as accurate as the whole network",
        where=f"{PAPER}, section 2",
        paper="more accurate down to 21 %, as accurate at 3.6 %",
        quantity="held-out accuracy at the end, tickets at the round nearest to 21 % minus the whole network",
        rule=Above(-0.005),
        values=_above_whole,
        sweep=("tickets",),
    ),
    Claim(
        text="... and learn faster than with weights drawn anew",
        where=f"{PAPER}, section 2",
        paper="random reinitializations learn slower, the more they are pruned",
        quantity="optimizer steps to nine tenths of the whole network's accuracy, reinitialized minus tickets, there",
        rule=Above(0.0),
        values=_slower,
        sweep=("tickets",),
    ),
    *(
        Claim(
            text=f"At a few per cent tickets are more accurate than {words}",
            where=where,
            paper=paper,
            recorded=recorded,
            quantity=f"held-out accuracy at the end, tickets minus {words}, at the round nearest to 3.6 %",
            rule=Above(0.005),
            values=_above(arm, FEW),
            sweep=("tickets",),
        )
        for arm, words, where, paper, recorded in (
            (
                "reinitialized",
                "with weights drawn anew",
                f"{PAPER}, section 2",
                "the initialization is crucial",
                ".5 points and more at 3.58 % on MNIST, 10 of 10",
            ),
            ("random_mask", "other masks of the same counts", f"{PAPER}, section 2", "structure matters", "no record"),
            (
                "magnitude_at_start",
                "the greatest initial weights",
                "Frankle et al. (2021), section 4",
                "pruning at initialization is worse than after training",
                "no record",
            ),
        )
    ),
]
