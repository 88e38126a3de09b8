"""Do good settings make other networks memorize? Asked of a network of each kind, by rules that were set after a run of
another seed and before these; but for who comes there, see the page of conditioning."""

from functools import partial
from math import log2

import pandas

from rotelab.claims.claim import NotMeasured, Values, our_question
from rotelab.claims.shares import ShareDifference, counts_by_seed
from rotelab.claims.verdicts import Above, Below
from rotelab.experiments.gradient_splitting.claims.conditioning import below_plain, times
from rotelab.experiments.gradient_splitting.conditioning import LEVEL, line, objectives
from rotelab.experiments.gradient_splitting.conditioning_networks import networks
from rotelab.results.lines import came

KINDS = {"mlp": "an MLP", "resnet18": "a ResNet18", "vision_transformer": "a vision transformer"}
"""Beside convnet5, by how the names of ``conf/model`` begin."""


def _of(table: pandas.DataFrame, kind: str) -> dict[str, str]:
    """``where`` of the runs of the network of a kind. NotMeasured where there is none, or several."""
    names = [name for name in networks(table) if name.startswith(kind)]
    if len(names) != 1:
        raise NotMeasured(f"runs are of {' and '.join(names)}" if names else f"no run is of {KINDS[kind]}")
    return {"model": names[0]}


def _only_under_good(kind: str, table: pandas.DataFrame) -> Values:
    where = _of(table, kind)
    good, usual = (counts_by_seed(came(table, line("split", settings, where), LEVEL)) for settings in ("good", "usual"))
    return {"": ShareDifference(good, usual)}


def _times(kind: str, table: pandas.DataFrame) -> Values:
    return times(table, *objectives("good", _of(table, kind)))


def _below_plain(kind: str, table: pandas.DataFrame) -> Values:
    return {f"at train accuracy {LEVEL}": below_plain(table, *objectives("good", _of(table, kind)))}


ask = partial(our_question, sweep=("conditioning_networks",), dead=True)
CLAIMS = [
    *(
        claim
        for kind, words in KINDS.items()
        for claim in (
            ask(
                text=f"{words[0].upper()}{words[1:]} comes to {LEVEL} by gradient splitting under good settings, and "
                "not under the usual ones",
                quantity="share of seeds that came there, good minus usual, within the same epochs",
                rule=Above(0.0),
                values=partial(_only_under_good, kind),
            ),
            ask(
                text=f"Under good conditioning {words} takes many more epochs to memorize than to learn, to {LEVEL}",
                quantity="log2 of what Eq. (1) takes over what Eq. (3) takes",
                rule=Above(1.0),
                values=partial(_times, kind),
            ),
            ask(
                text=f"... {words} fewer than 5 times as many",
                quantity="log2 of what Eq. (1) takes over what Eq. (3) takes",
                rule=Below(log2(5)),
                values=partial(_times, kind),
            ),
            ask(
                text=f"... and {words} that memorized has a lower held-out accuracy than one trained plainly",
                quantity="held-out accuracy, Eq. (1) minus Eq. (3), at the same train accuracy",
                rule=Below(0.0),
                values=partial(_below_plain, kind),
            ),
        )
    ),
]
