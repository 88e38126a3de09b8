"""Do measures have the order of the gaps? Of each seed by itself: its networks are compared with one another alone."""

from collections.abc import Callable, Iterable

import pandas

from rotelab.claims.claim import Ask, Claim, NotMeasured, Values, our_question
from rotelab.claims.samples import Bounded
from rotelab.claims.verdicts import Above, Below
from rotelab.experiments.generalization_measures.networks import (
    CHEAP,
    NORMS,
    SHARPNESSES,
    Networks,
    best,
    networks,
    psi,
    tau,
)

JIANG, DZIUGAITE = "Fantastic Generalization Measures", "In Search of Robust Measures"
STEP = 0.01
"""Of the taus of some dozen networks."""


def of_seeds(ask: Callable[[Networks, Networks], float], low: float, high: float) -> Ask:
    """``ask``, from low to high, of the networks of a seed and of those of all others, where each seed has several."""

    def values(table: pandas.DataFrame) -> Values:
        of = networks(table)
        if (few := of.seed.value_counts().min()) < 4:
            raise NotMeasured(f"a seed has {few} networks that came to the train loss: too few to be ranked")
        if of.seed.nunique() < 2:
            raise NotMeasured("a single seed has no others in which a measure could be chosen")
        found = (ask(of.only(seed == of.seed), of.only(seed != of.seed)) for seed in sorted(of.seed.unique()))
        return {"": Bounded(tuple(found), low, high, STEP)}

    return values


def mean(of: Networks, names: Iterable[str]) -> float:
    there = [name for name in names if name in of.measures]
    if not there:
        raise NotMeasured("no network has any of these measures")
    return sum(tau(of, name) for name in there) / len(there)


def _best(of: Networks) -> str:
    if (name := best(of)) is None:
        raise NotMeasured("no measure was taken of all networks")
    return name


def _sharper(of: Networks, others: Networks) -> float:
    """A stability radius is no other measure: it is sharpness turned round, great where a minimum is flat."""
    sharp = {*SHARPNESSES, *CHEAP, *(name for name in of.measures if "_radius" in name)}
    return mean(of, SHARPNESSES) - mean(of, [name for name in of.measures if name not in sharp])


def _worst(of: Networks, others: Networks) -> float:
    """The greatest over hyper-parameters of the share of pairs, which differ in it alone, in the wrong order."""
    return max((1 - value) / 2 for value in psi(of, _best(others)).values())


def _beats(cheap: str) -> Callable[[Networks, Networks], float]:
    return lambda of, others: tau(of, _best(others)) - abs(tau(of, cheap))


CLAIMS = [
    Claim(
        text="Products of norms over the layers correlate negatively with the gap",
        where=JIANG,
        paper="several norms do",
        quantity="mean Kendall's tau of the products of Frobenius and spectral norms, with and without the margin",
        rule=Below(0.0),
        values=of_seeds(lambda of, others: mean(of, NORMS), -1.0, 1.0),
        sweep=("ranking",),
    ),
    Claim(
        text="Sharpness-like measures are the best",
        where=JIANG,
        paper="they are",
        quantity="mean tau of PAC-Bayes and sharpness measures minus that of all others but stability radii",
        rule=Above(0.0),
        values=of_seeds(_sharper, -2.0, 2.0),
        sweep=("ranking",),
    ),
    Claim(
        text="The best measure fails for some hyper-parameter",
        where=DZIUGAITE,
        paper="every measure fails in some environment",
        quantity="sign error for the hyper-parameter where it is greatest, of the measure with the greatest tau in the "
        "other seeds",
        rule=Above(0.5),
        values=of_seeds(_worst, 0.0, 1.0),
        sweep=("ranking",),
    ),
    Claim(
        text="A measure predicts better than the number of parameters",
        where=JIANG,
        paper="many do",
        quantity="tau of the measure that is best in the other seeds minus the size of that of the parameters",
        rule=Above(0.0),
        values=of_seeds(_beats("params"), -2.0, 2.0),
        sweep=("ranking",),
    ),
    *(
        our_question(
            text=f"A measure predicts better than {words}",
            quantity="tau of the measure that is best in the other seeds minus the size of that of this",
            rule=Above(0.0),
            values=of_seeds(_beats(cheap), -2.0, 2.0),
            sweep=("ranking",),
        )
        for cheap, words in (
            ("steps", "the optimizer steps that the fit took"),
            ("early_loss", "the train loss at a fixed early step"),
        )
    ),
    our_question(
        text="Networks whose gradients agree more generalize better",
        quantity="tau of m-coherence alpha at the end with the gap",
        rule=Below(0.0),
        values=of_seeds(lambda of, others: mean(of, ["coherence_alpha"]), -1.0, 1.0),
        sweep=("ranking",),
    ),
]
