"""Why does gradient splitting die? Our question: unequal classes in a pair of batches, the precision, or the rate."""

from functools import partial

import pandas

from rotelab.claims.claim import NotMeasured, Values, our_question
from rotelab.claims.shares import Count, ShareDifference, Shares, counts
from rotelab.claims.verdicts import Above, Below, Within
from rotelab.experiments.gradient_splitting import collapse
from rotelab.experiments.gradient_splitting.collapse import ORDER, PAIRS, RATE


def _dead(found: pandas.DataFrame, pairs: str) -> tuple[Count, ...]:
    """By seed, of its runs with such pairs: how many died."""
    of = found[found[PAIRS] == pairs]
    return counts(of.dead, of.seed)


def _unequal_classes(table: pandas.DataFrame) -> Values:
    found = collapse.by(table, RATE, ORDER)
    return {"": ShareDifference(_dead(found, "as_ordered"), _dead(found, "balanced"))}


def _balanced(table: pandas.DataFrame) -> Values:
    return {"": Shares(_dead(collapse.by(table, RATE, ORDER), "balanced"))}


def _precision(table: pandas.DataFrame) -> Values:
    found = collapse.by(table, "precision")
    low, full = (_dead(found[found.precision == precision], "as_ordered") for precision in ("bf16", "fp32"))
    return {"": ShareDifference(low, full)}


def _greatest_excess(table: pandas.DataFrame) -> Values:
    found = collapse.by(table, RATE, ORDER)
    dead = found[found.dead & (found[PAIRS] == "as_ordered")]
    if dead.empty:
        raise NotMeasured("no run as ordered is dead")
    return {"": Shares(counts(dead["rank"] == 1, dead.seed))}


_ours = partial(our_question, dead=True)

CLAIMS = [
    _ours(
        text="Unequal classes in a pair of batches kill gradient splitting",
        recorded="its six runs lived",
        quantity="share of dead runs, pairs as ordered minus pairs of one class, over rates and orders",
        rule=Above(0.0),
        values=_unequal_classes,
        sweep=("collapse",),
    ),
    _ours(
        text="... and in pairs of one class it lives",
        quantity="share of dead runs, pairs of one class, over rates and orders",
        rule=Below(0.1),
        values=_balanced,
        sweep=("collapse",),
    ),
    _ours(
        text="bfloat16 kills no more runs than float32",
        quantity="share of dead runs, bf16 minus fp32, pairs as ordered",
        rule=Within(-0.1, 0.1),
        values=_precision,
        sweep=("collapse_precision",),
    ),
    _ours(
        text="The class that wins is that of the greatest excess",
        quantity="share of dead runs as ordered that end with the class of which train has most more than pseudo-test",
        rule=Above(0.5),
        values=_greatest_excess,
        sweep=("collapse",),
    ),
]
