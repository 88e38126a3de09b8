"""Does the difficulty of memorizing, measured by gradient splitting, have the order of the gaps? Of each seed by
itself."""

from rotelab.claims.claim import our_question
from rotelab.claims.verdicts import Above, Below
from rotelab.experiments.generalization_measures.claims.ranking import mean, of_seeds
from rotelab.experiments.generalization_measures.networks import EPOCH_RATIO, Networks, tau


def _tau(of: Networks, others: Networks) -> float:
    return mean(of, [EPOCH_RATIO])


def _beyond_steps(of: Networks, others: Networks) -> float:
    return abs(_tau(of, others)) - abs(tau(of, "steps"))


CLAIMS = [
    our_question(
        text="Networks that gradient splitting takes longer to make memorize generalize better",
        quantity="Kendall's tau with the gap of the epochs of Eq. (1) over those of Eq. (3), to the same train loss",
        rule=Below(0.0),
        values=of_seeds(_tau, -1.0, 1.0),
        sweep=("epoch_ratio",),
    ),
    our_question(
        text="The ratio of epochs says more of the gap than the steps of plain training",
        quantity="size of its tau minus the size of that of the optimizer steps that Eq. (3) took",
        rule=Above(0.0),
        values=of_seeds(_beyond_steps, -1.0, 1.0),
        sweep=("epoch_ratio",),
    ),
]
