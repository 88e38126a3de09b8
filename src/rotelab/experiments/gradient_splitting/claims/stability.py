"""Theorem 1: is a network that memorized less stable, in its parameters and in its inputs?"""

from math import log2

import pandas

from rotelab.claims.claim import Ask, Claim, NotMeasured, Values
from rotelab.claims.samples import Mean
from rotelab.claims.verdicts import Below
from rotelab.experiments.gradient_splitting import fig1
from rotelab.experiments.gradient_splitting import stability as figure

ANY = ("worst", "steepest")
"""A network is as stable as it is "in any direction": the least of several radii, and that along the gradient."""
TYPICAL = ("median",)


def _radius(what: str, statistics: tuple[str, ...]) -> Ask:
    """Log2 of the memorizing network's radius over the plain one's, at the highest level that all reached."""

    def values(table: pandas.DataFrame) -> Values:
        found = figure.radii(table)
        if not set(fig1.OBJECTIVES) <= set(found.objective):
            raise NotMeasured("radii of one objective only")
        units = {}
        for statistic in statistics:
            of = found[found.statistic == statistic]
            wide = of.pivot_table(index=["level", "seed"], columns="objective", values=what).dropna()
            counts = wide.groupby("level").size()
            if (whole := counts[counts == table.seed.nunique()]).empty:
                raise NotMeasured("no train accuracy at which the radii of all seeds were measured")
            at = wide.loc[whole.index.max()]
            unit = f"{figure.STATISTICS[statistic]}, at train accuracy {whole.index.max()}"
            units[unit] = Mean(tuple((at.split / at.standard).map(log2)))
        return units

    return values


CLAIMS = [
    Claim(
        text=text,
        where=where,
        paper="less stable",
        quantity=f"log2 of the radius under Eq. (1) over that under Eq. (3), {words}",
        rule=Below(0.0),
        values=_radius(what, statistics),
        sweep=("stability",),
    )
    for where, statistics, words, texts in (
        (
            "section 4, Theorem 1: 'in any direction'",
            ANY,
            "worst of ten random directions and along the gradient",
            ("A network that memorized is less stable in its parameters", "... and in its inputs"),
        ),
        (
            "section 4, Theorem 1, our reading",
            TYPICAL,
            "median of ten random directions",
            ("In a typical direction it is less stable in its parameters", "... in a typical direction, in its inputs"),
        ),
    )
    for text, what in zip(texts, ("parameter", "input"), strict=True)
]
