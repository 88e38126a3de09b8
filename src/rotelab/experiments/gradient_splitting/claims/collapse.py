"""Why does gradient splitting die? Our question: unequal classes in a pair of batches, the precision, or the rate."""

import pandas

from rotelab.claims.claim import Claim, NotMeasured, Values
from rotelab.claims.verdicts import Above, Below, Within
from rotelab.experiments.gradient_splitting import collapse
from rotelab.experiments.gradient_splitting.collapse import ORDER, PAIRS, RATE


def _share(found: pandas.DataFrame, pairs: str) -> pandas.Series:
    """By seed, of its runs with such pairs: how many died."""
    return found[found[PAIRS] == pairs].groupby("seed").dead.mean()


def _unequal_classes(table: pandas.DataFrame) -> Values:
    found = collapse.by(table, RATE, ORDER)
    return {"": _share(found, "as_ordered") - _share(found, "balanced")}


def _balanced(table: pandas.DataFrame) -> Values:
    return {"": _share(collapse.by(table, RATE, ORDER), "balanced")}


def _precision(table: pandas.DataFrame) -> Values:
    found = collapse.by(table, "precision")
    low, full = (_share(found[found.precision == precision], "as_ordered") for precision in ("bf16", "fp32"))
    return {"": low - full}


def _greatest_excess(table: pandas.DataFrame) -> Values:
    found = collapse.by(table, RATE, ORDER)
    dead = found[found.dead & (found[PAIRS] == "as_ordered")]
    if dead.empty:
        raise NotMeasured("no run as ordered is dead")
    return {"": (dead["rank"] == 1).groupby(dead.seed).mean()}


CLAIMS = [
    Claim(
        text="Unequal classes in a pair of batches kill gradient splitting",
        where="our question",
        paper="none",
        recorded="its six runs lived",
        quantity="share of dead runs, pairs as ordered minus pairs of one class, over rates and orders",
        rule=Above(0.0),
        values=_unequal_classes,
        sweep=("collapse",),
        dead=True,
    ),
    Claim(
        text="... and in pairs of one class it lives",
        where="our question",
        paper="none",
        quantity="share of dead runs, pairs of one class, over rates and orders",
        rule=Below(0.1),
        values=_balanced,
        sweep=("collapse",),
        dead=True,
    ),
    Claim(
        text="bfloat16 kills no more runs than float32",
        where="our question",
        paper="none",
        quantity="share of dead runs, bf16 minus fp32, pairs as ordered",
        rule=Within(-0.1, 0.1),
        values=_precision,
        sweep=("collapse_precision",),
        dead=True,
    ),
    Claim(
        text="The class that wins is that of the greatest excess",
        where="our question",
        paper="none",
        quantity="share of dead runs as ordered that end with the class of which train has most more than pseudo-test",
        rule=Above(0.5),
        values=_greatest_excess,
        sweep=("collapse",),
        dead=True,
    ),
]
