"""Does a past of memorizing or of generalizing stay? Our question; the author tried both orders himself."""

from collections.abc import Callable

import pandas

from rotelab.claims.claim import Values, our_question
from rotelab.claims.samples import accuracies
from rotelab.claims.verdicts import Above, Below, Within
from rotelab.experiments.gradient_splitting.recover import lines, phases
from rotelab.results.lines import finals, spread


def _difference(objective: str, split: str) -> Callable[[pandas.DataFrame], Values]:
    """Last accuracy of a network with a past minus that of one from scratch, by seed, with both train accuracies."""

    def values(table: pandas.DataFrame) -> Values:
        cut = phases(table)
        scratch, after = (finals(cut, line) for line in lines(objective, split))
        of_train = [spread(finals(cut, line), ".2f") for line in lines(objective, "train")]
        return {"at train accuracies {1}, and {0} from scratch".format(*of_train): after - scratch}

    return values


def _unlearned(table: pandas.DataFrame) -> Values:
    cut = phases(table)
    _, after = lines("split", "pseudo_test")
    return {"": accuracies(finals(cut, after))}


CLAIMS = [
    our_question(
        text="A network that memorized comes to generalize by plain training as one that starts anew",
        quantity="last held-out accuracy under Eq. (3), after Eq. (1) minus from scratch",
        rule=Within(-0.03, 0.03),
        values=_difference("standard", "held_out"),
        sweep=("recover",),
    ),
    our_question(
        text="A network that generalized knows more of unseen images after Eq. (1) than one that starts with Eq. (1)",
        quantity="last held-out accuracy under Eq. (1), after Eq. (3) minus from scratch",
        rule=Above(0.0),
        values=_difference("split", "held_out"),
        sweep=("recover",),
    ),
    our_question(
        text="... although it has unlearned the other half",
        quantity="last pseudo-test accuracy under Eq. (1), after Eq. (3)",
        rule=Below(0.05),
        values=_unlearned,
        sweep=("recover",),
    ),
]
