"""Accuracies on the scale on which a shift of the distribution moves networks along a line (Miller et al. 2021,
"Accuracy on the Line")."""

import numpy
from jaxtyping import Float
from numpy import ndarray
from scipy.special import ndtri

from rotelab.claims.samples import RESOLUTION
from rotelab.errors import Refusal


def probit(accuracies: Float[ndarray, "*any"]) -> Float[ndarray, "*any"]:
    """``Phi^-1(a)``, below which a standard normal number lies with that probability: 0 for 1/2, 1.28 for .9.

    Accuracies nearer to 0 or 1 than half of RESOLUTION are taken for that, so that all are finite. Raises Refusal for
    one outside [0, 1].
    """
    values = numpy.asarray(accuracies, dtype=float)
    if not ((values >= 0) & (values <= 1)).all():
        raise Refusal("an accuracy lies in [0, 1]")
    return ndtri(values.clip(RESOLUTION / 2, 1 - RESOLUTION / 2))
