"""Our question: are gradients less coherent while a network memorizes?"""

from math import log2

import pandas

from rotelab.claims.claim import Ask, Claim, NotMeasured, Values
from rotelab.claims.questions import all_seeds
from rotelab.claims.verdicts import Below
from rotelab.experiments.coherent_gradients import objectives


def _less_coherent(over: tuple[str, str], under: tuple[str, str]) -> Ask:
    """Log2 of r over r at the same train accuracy; the mean over the levels above chance that both have."""

    def values(table: pandas.DataFrame) -> Values:
        one, other = (
            objectives.at_levels(table, objectives.line(*of)).set_index(["seed", "level"]).value for of in (over, under)
        )
        ratio = (one / other).dropna()
        if ratio.empty:
            raise NotMeasured("there is no train accuracy at which both were measured")
        return {"": all_seeds(ratio.map(log2).groupby("seed").mean(), table.seed, "both had a common train accuracy")}

    return values


CLAIMS = [
    Claim(
        text=text,
        where="rotelab's own question",
        paper="not asked",
        quantity="log2 of the ratio of r at the same train accuracies, mean over those that a seed was measured at",
        rule=Below(0.0),
        values=_less_coherent(over, under),
        sweep=("objectives",),
    )
    for text, over, under in (
        (
            "Memorizing images by gradient splitting is less coherent than learning them",
            ("split", "clean"),
            ("standard", "clean"),
        ),
        ("... and so is memorizing them under Eq. (4)", ("threshold", "clean"), ("standard", "clean")),
        (
            "Learning noise is less coherent than learning images",
            ("standard", "gaussian_blend"),
            ("standard", "clean"),
        ),
        (
            "Memorizing images by gradient splitting is less coherent than learning noise",
            ("split", "clean"),
            ("standard", "gaussian_blend"),
        ),
    )
]
