"""Theorem 1: is a network that memorized less stable, in its parameters and in its inputs?"""

from math import log2

import pandas

from rotelab.claims.claim import Ask, Claim, NotMeasured, Values
from rotelab.claims.verdicts import Above, Below
from rotelab.experiments.gradient_splitting import fig1
from rotelab.experiments.gradient_splitting import stability as figure


def _medians(table: pandas.DataFrame) -> pandas.DataFrame:
    found = figure.radii(table)
    return found[found.statistic == "median"]


def _radius(what: str) -> Ask:
    """Log2 of the memorizing network's median radius over the plain one's, at the highest level that all reached."""

    def values(table: pandas.DataFrame) -> Values:
        wide = _medians(table).pivot_table(index=["level", "seed"], columns="objective", values=what)
        if not set(fig1.OBJECTIVES) <= set(wide.columns):
            raise NotMeasured("radii of one objective only")
        wide = wide.dropna()
        counts = wide.groupby("level").size()
        if (whole := counts[counts == table.seed.nunique()]).empty:
            raise NotMeasured("no train accuracy at which the radii of all seeds were measured")
        at = wide.loc[whole.index.max()]
        return {f"at train accuracy {whole.index.max()}": (at.split / at.standard).map(log2)}

    return values


def _together(table: pandas.DataFrame) -> Values:
    wide = _medians(table).pivot_table(index=["seed", "level"], columns="objective", values=["parameter", "input"])
    wide = wide.dropna()
    if wide.empty or wide.shape[1] < 4:
        raise NotMeasured("no train accuracy at which both objectives' radii were measured")
    smaller = {what: wide[what].split < wide[what].standard for what in ("parameter", "input")}
    return {"": (smaller["parameter"] == smaller["input"]).groupby("seed").mean()}


CLAIMS = [
    *(
        Claim(
            text=text,
            where="section 4, Theorem 1",
            paper="less stable",
            quantity="log2 of the median radius under Eq. (1) over that under Eq. (3)",
            rule=Below(0.0),
            values=_radius(what),
            sweep=("stability",),
        )
        for text, what in (
            ("A network that memorized is less stable in its parameters", "parameter"),
            ("... and in its inputs", "input"),
        )
    ),
    Claim(
        text="Where the one is smaller, so is the other",
        where="section 4, Theorem 1",
        paper="equivalent",
        quantity="share of train accuracies at which both radii order the two networks alike",
        rule=Above(0.5),
        values=_together,
        sweep=("stability",),
    ),
]
