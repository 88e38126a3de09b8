"""Does training generalize to simple functions alone?"""

import numpy
import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.samples import accuracies
from rotelab.claims.verdicts import Above, Below
from rotelab.exact import boolean_functions
from rotelab.experiments.simplicity_bias.trained_functions import TARGETS, UNITS, known, unknown_error

COUNT, STEPS, SEEDS = 50, 200, range(5)


def _errors(target: str) -> list[float]:
    """On unknown inputs, of networks that fit: by seed."""
    errors = []
    for seed in SEEDS:
        chosen, labels, generator = known(seed), TARGETS[target], numpy.random.default_rng(seed)
        functions, fit = boolean_functions.trained(labels, chosen, UNITS, COUNT, STEPS, generator)
        errors.append(unknown_error(functions[fit], labels, chosen))
    return errors


def _simple(_: pandas.DataFrame) -> Values:
    return {"": accuracies(_errors("first bit"))}


def _parity(_: pandas.DataFrame) -> Values:
    return {"": accuracies(_errors("parity"))}


QUANTITY = f"mean error on 20 of 32 inputs, 12 known, {COUNT} networks that fit, 5 seeds; "

CLAIMS = [
    Claim(
        text="Descent finds a simple function from a few of its values",
        where="Valle-Perez et al. (2019), section 5",
        paper="the error grows with the target's complexity",
        by_seed=True,
        quantity=QUANTITY + "target: the first bit",
        rule=Below(0.2),
        values=_simple,
    ),
    Claim(
        text="... and not a complex one, though it fits it as well",
        where="Valle-Perez et al. (2019), section 5",
        paper="the error grows with the target's complexity",
        by_seed=True,
        quantity=QUANTITY + "target: parity",
        rule=Above(0.4),
        values=_parity,
    ),
]
