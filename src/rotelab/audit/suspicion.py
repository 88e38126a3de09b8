"""How suspicious a label is: what a network is slow to learn, and says otherwise of where it has not learned it."""

import numpy
from jaxtyping import Float
from scipy.stats import rankdata

from rotelab.audit.labels import Looks

FITTED = 0.9
"""Of the images that are learned; from then on wrong labels are learned by heart as well."""


def suspicion(looks: Looks) -> Float[numpy.ndarray, " image"]:
    """In (0, 1], 1 for what is most likely wrong: the rank of a sum of two ranks.

    One is of the mean probability of the label while it was learned, up to the epoch in which ``FITTED`` of all images
    are right; the other of that where it was held out, over all epochs but the first few.
    """
    right = (looks.learned_margin > 0).mean(axis=1)
    fitted = int(numpy.argmax(right >= FITTED)) + 1 if (right >= FITTED).any() else len(right)
    learned = looks.learned[:fitted].mean(axis=0)
    held_out = looks.held_out[len(right) // 4 :].mean(axis=0)
    return rankdata(rankdata(-learned) + rankdata(-held_out)) / len(learned)
