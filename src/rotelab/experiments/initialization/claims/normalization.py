"""What do normalization, shortcuts and depth do to training, and to memorizing?"""

import pandas

from rotelab.claims.claim import Ask, Claim, Values, our_question
from rotelab.claims.samples import Unpaired
from rotelab.claims.shares import ShareDifference, counts_by_seed
from rotelab.claims.verdicts import Above, Below, Within
from rotelab.experiments.initialization.normalization import NORMS, depths, died, eases, errors

SOME = 8
"""Hidden layers at which claims about neither the shallowest nor the deepest networks are asked: those nearest."""
RESNET = "He et al. (2016)"


def _deeper(residual: bool) -> Ask:
    """Other depths are other networks."""

    def values(table: pandas.DataFrame) -> Values:
        first, *_, last = depths(table)
        both = (tuple(errors(table, "none", residual, depth, "train")) for depth in (last, first))
        return {"": Unpaired(*both)}

    return values


def _normed(norm: str) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        deepest = depths(table)[-1]
        both = (tuple(errors(table, of, False, deepest, "train")) for of in (norm, "none"))
        return {"": Unpaired(*both)}

    return values


def _easier(norm: str, residual: bool) -> Ask:
    """Than plain layers without a norm."""

    def values(table: pandas.DataFrame) -> Values:
        middle = min(depths(table), key=lambda depth: abs(depth - SOME))
        both = (tuple(eases(table, *of, middle)) for of in ((norm, residual), ("none", False)))
        return {"": Unpaired(*both)}

    return values


def _generalizes(table: pandas.DataFrame) -> Values:
    """The shallowest networks fit without help."""
    first, *_ = depths(table)
    both = (tuple(errors(table, norm, False, first, "held_out")) for norm in ("batch", "none"))
    return {"": Unpaired(*both)}


def _deaths(table: pandas.DataFrame) -> Values:
    """Of all depths, plain and residual: without a norm minus with either."""

    def of(*norms: str) -> pandas.Series:
        return pandas.concat([died(table, norm, residual) for norm in norms for residual in (False, True)])

    return {"": ShareDifference(counts_by_seed(of("none")), counts_by_seed(of("batch", "layer")))}


CLAIMS = [
    Claim(
        text="Without a norm a deep plain network fits its images worse than a shallow one",
        where=f"{RESNET}, Figure 1",
        paper="56 plain layers have a greater train error than 20, with batch norm",
        quantity="train error of Eq. (3) at the end, the deepest minus the shallowest, no norm, no shortcuts",
        rule=Above(0.0),
        values=_deeper(residual=False),
        sweep=("normalization",),
    ),
    Claim(
        text="... and with shortcuts it does not",
        where=f"{RESNET}, Figure 4",
        paper="residual networks of more layers have a lower train error",
        recorded="digits, width 32, no norm, 300 steps: .14 at depth 2, .04 at 24",
        quantity="train error of Eq. (3) at the end, the deepest minus the shallowest, no norm, residual",
        rule=Within(high=0.02),
        values=_deeper(residual=True),
        sweep=("normalization",),
    ),
    *(
        Claim(
            text=f"A deep plain network fits its images better with {NORMS[norm][0]}",
            where=where,
            paper="normalization makes training faster, and deep networks trainable",
            quantity=f"train error of Eq. (3) at the end, the deepest, no shortcuts, {NORMS[norm][0]} minus none",
            rule=Below(0.0),
            values=_normed(norm),
            sweep=("normalization",),
        )
        for norm, where in (("batch", "Ioffe and Szegedy (2015)"), ("layer", "Ba et al. (2016)"))
    ),
    Claim(
        text="Batch norm generalizes better than none where both fit",
        where="Ioffe and Szegedy (2015)",
        paper="batch norm regularizes",
        quantity="test error of Eq. (3) at the end, the shallowest, no shortcuts, batch norm minus none",
        rule=Below(0.0),
        values=_generalizes,
        sweep=("normalization",),
    ),
    *(
        our_question(
            text=f"{words} makes memorizing easier",
            quantity=f"mean train accuracy of Eq. (1) over all epochs, {words.lower()} minus neither, at the depth "
            f"nearest to {SOME}",
            rule=Above(0.0),
            values=_easier(norm, residual),
            sweep=("normalization",),
        )
        for words, norm, residual in (
            ("Batch norm", "batch", False),
            ("Layer norm", "layer", False),
            ("A shortcut", "none", True),
            ("Layer norm with a shortcut", "layer", True),
        )
    ),
    our_question(
        text="Networks without a norm die more often under gradient splitting",
        quantity="share of dead runs of Eq. (1), no norm minus either norm, of all depths, plain and residual",
        rule=Above(0.0),
        values=_deaths,
        sweep=("normalization",),
        dead=True,
    ),
]
