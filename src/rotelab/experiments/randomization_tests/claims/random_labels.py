"""Table 1: do the networks fit random labels, and what do they know of the test set then?"""

import pandas

from rotelab.claims.claim import NO_RECORD, Ask, Claim, NotMeasured, Values
from rotelab.claims.questions import chance
from rotelab.claims.samples import accuracies
from rotelab.claims.verdicts import Above, Within
from rotelab.experiments.randomization_tests import table1
from rotelab.experiments.randomization_tests.table1 import Setting
from rotelab.figures.networks import FITTED, NAMES
from rotelab.results.lines import finals

AT_CHANCE = Within(-0.03, 0.03)
"""Test accuracy minus that of a guess, of a thousand images or more."""
BY_CHANCE = (
    "random labels know nothing of the images: whatever is learned from them is right by chance, unless labels leak"
)
"""Why it is a check of the set-up, and no finding, that networks trained on random labels are at chance."""


def plain(network: str) -> Setting:
    return Setting(network, crop=False, decay=False)


def final(table: pandas.DataFrame, setting: Setting, fraction: int, split: str = "held_out") -> pandas.Series:
    """By seed: the last accuracy of a setting of the table, with true (0) or random (1) labels."""
    table1.settings(table)  # a sweep of it
    return finals(table, table1.line(table, setting, fraction, split))


def fits_random_labels(setting: Setting) -> Ask:
    return lambda table: {"": accuracies(final(table, setting, 1, "train"))}


def in_the_paper(setting: Setting, fraction: int, column: int) -> str:
    """Of Table 1 or 4: train (0) or test (1) accuracy, as a share."""
    text = table1.PAPER[setting][fraction][column]
    return f"{float(text) / 100:.4f}" if text[0].isdigit() else text


def _at_chance(network: str) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        train, test = (final(table, plain(network), 1, split) for split in ("train", "held_out"))
        if train.min() < FITTED:
            raise NotMeasured(f"{NAMES[network]} had a train accuracy of {train.min():.2f} on random labels")
        return {"": test - chance(table)}

    return values


def _of(network: str) -> tuple[Claim, Claim]:
    return (
        Claim(
            text=f"{NAMES[network]} fits random labels",
            where="Table 1",
            paper=in_the_paper(plain(network), 1, 0),
            recorded="1" if network == "inception" else NO_RECORD,
            quantity="last train accuracy on random labels, no regularizer",
            rule=Above(FITTED),
            values=fits_random_labels(plain(network)),
            sweep=("table1",),
        ),
        Claim(
            text=f"... and {NAMES[network]} is at chance on the test set then",
            where="Table 1",
            paper=in_the_paper(plain(network), 1, 1),
            recorded=".1031" if network == "inception" else NO_RECORD,
            quantity="last test accuracy minus chance, trained on random labels, no regularizer",
            rule=AT_CHANCE,
            values=_at_chance(network),
            sweep=("table1",),
            check=BY_CHANCE,
        ),
    )


CLAIMS = [claim for network in NAMES for claim in _of(network)]
