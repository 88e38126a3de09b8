"""Depth and width: are larger networks more coherent, and do they generalize better where they are?"""

from math import log2

import pandas
from scipy.stats import linregress, spearmanr

from rotelab.claims.claim import Ask, Claim, NotMeasured, Values
from rotelab.claims.samples import Bounded
from rotelab.claims.verdicts import Above
from rotelab.experiments.coherent_gradients.depth_width import networks

DEPTH_WIDTH = "Towards a Simple Explanation, (5)"
FEEDBACK = "Towards a Simple Explanation, feedback between layers"


def _complete(table: pandas.DataFrame, labels: str = "clean") -> pandas.DataFrame:
    """NotMeasured where a network did not come to the train loss with every seed."""
    found = networks(table)
    found = found[found.labels == labels]
    wanted = table.groupby(["model.widths", "seed"]).ngroups
    if len(found) < wanted:
        raise NotMeasured(f"{len(found)} of {wanted} runs on {labels} labels came to the train loss")
    return found


def _per_doubling(size: str, column: str) -> Ask:
    """By seed: the slope over log2 of the depth or the width, of all networks; of r of its log2. Where every depth has
    every width it is also that of a regression on both."""

    def values(table: pandas.DataFrame) -> Values:
        found, slopes = _complete(table), []
        for _, of in found.groupby("seed"):
            if of[size].nunique() < 2:
                raise NotMeasured(f"there is one {size} alone")
            y = of[column].map(log2) if column == "r" else of[column]
            slopes.append(float(linregress(of[size].map(log2), y).slope))
        return {"": slopes}

    return values


def _rank(table: pandas.DataFrame) -> Values:
    """By seed: Spearman's rank correlation of the test accuracy with r over networks; 0 where either is one value."""
    found, ranks = _complete(table), []
    for _, of in found.groupby("seed"):
        m = len(of)
        if m < 3:
            raise NotMeasured(f"{m} networks are too few to rank")
        ranks.append(float(spearmanr(of.r, of.test).statistic) if min(of.r.nunique(), of.test.nunique()) > 1 else 0.0)
    return {"": Bounded(tuple(ranks), -1.0, 1.0, 12 / (m**3 - m))}


def _true_over_random(table: pandas.DataFrame) -> Values:
    """By seed: log2 of the ratio of r, the mean over networks that came to the train loss on both labels."""
    found = networks(table).set_index(["seed", "depth", "width"])
    true, random = (found[found.labels == labels].r for labels in ("clean", "random"))
    ratio = (true / random).dropna()
    if ratio.index.get_level_values("seed").nunique() < table.seed.nunique():
        raise NotMeasured("a seed has no network that came to the train loss on both labels")
    return {"": ratio.map(log2).groupby("seed").mean()}


CLAIMS = [
    *(
        Claim(
            text=f"{words} networks have more coherent gradients",
            where=where,
            paper="expected",
            quantity=f"log2 of the median r until the train loss, change per doubling of the {size}",
            rule=Above(0.0),
            values=_per_doubling(size, "r"),
            sweep=("depth_width",),
        )
        for words, size, where in (("Deeper", "depth", FEEDBACK), ("Wider", "width", DEPTH_WIDTH))
    ),
    *(
        Claim(
            text=f"{words} networks have a higher test accuracy at the same train loss",
            where=DEPTH_WIDTH,
            paper="expected",
            quantity=f"test accuracy at the train loss, change per doubling of the {size}",
            rule=Above(0.0),
            values=_per_doubling(size, "test"),
            sweep=("depth_width",),
        )
        for words, size in (("Deeper", "depth"), ("Wider", "width"))
    ),
    Claim(
        text="Of networks of several depths and widths the more coherent ones have a higher test accuracy",
        where=DEPTH_WIDTH,
        paper="expected",
        quantity="Spearman's rank correlation of test accuracy with the median r over networks of a seed",
        rule=Above(0.0),
        values=_rank,
        sweep=("depth_width",),
    ),
    Claim(
        text="Whatever their size, networks are more coherent on true labels than on random ones",
        where="Towards a Simple Explanation, Fig. 3",
        paper="dozens against less than a handful",
        quantity="log2 of the median r until the train loss, true over random labels, mean over networks",
        rule=Above(0.0),
        values=_true_over_random,
        sweep=("depth_width",),
    ),
]
