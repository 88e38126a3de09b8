"""Adversarial initialization: does a network that has fitted random labels recover, and is it their labels?"""

from math import log2

import pandas

from rotelab.claims.claim import Ask, Claim, Values, our_question
from rotelab.claims.questions import all_seeds
from rotelab.claims.samples import accuracies
from rotelab.claims.verdicts import Above, Below, Within
from rotelab.experiments.coherent_gradients import adversarial_start as of
from rotelab.results.lines import finals

LIU = "Liu, Papailiopoulos and Achlioptas (2020); Towards a Simple Explanation, (4)"
PLAIN, REGULARIZED = of.OPTIMIZERS
POINT = 0.01
"""Of test accuracy: what counts as recovered."""


def _fitted(table: pandas.DataFrame, start: str, optimizer: str, column: str) -> pandas.Series:
    """NotMeasured where a seed never fitted the true labels, or no r was measured until then."""
    found = of.fits(table, start, optimizer)[column]
    return all_seeds(found, table.seed, f"{of.OPTIMIZERS[optimizer]}, {of.STARTS[start][0]}: the labels were fitted")


def _adversary(table: pandas.DataFrame) -> Values:
    """The train accuracy on random labels that the others begin with."""
    return {"": accuracies(finals(table, of.line("nothing", PLAIN, "train", labels=of.RANDOM)))}


def _below(start: str, optimizer: str) -> Ask:
    """Test accuracy from a start minus from the fitted network, where each is first fitted, and at the end."""

    def values(table: pandas.DataFrame) -> Values:
        at = (_fitted(table, kept, optimizer, "held_out") for kept in (start, "weights"))
        end = (finals(table, of.line(kept, optimizer)) for kept in (start, "weights"))
        return {unit: one - other for unit, (one, other) in (("at the fit", at), ("at the end", end))}

    return values


def _left(table: pandas.DataFrame) -> Values:
    """Regularized, test accuracy at the end from drawn weights minus from the fitted network."""
    drawn, fitted = (finals(table, of.line(start, REGULARIZED)) for start in ("nothing", "weights"))
    return {"": drawn - fitted}


def _ratio(column: str, over: str, under: str) -> Ask:
    """Log2 of a column of ``fits`` under plain SGD."""

    def values(table: pandas.DataFrame) -> Values:
        one, other = (_fitted(table, start, PLAIN, column) for start in (over, under))
        return {"": (one / other).map(log2)}

    return values


CLAIMS = [
    Claim(
        text="Plain SGD has fitted the random labels that the adversarial start is made of",
        where=LIU,
        paper="all of them",
        quantity="last train accuracy on random labels",
        rule=Above(0.99),
        values=_adversary,
        sweep=("adversarial_start",),
        check="the sweep is as long as that takes",
    ),
    Claim(
        text="Plain SGD from a network that has fitted random labels ends where test accuracy is lower",
        where=LIU,
        paper="by tens of points on CIFAR-10",
        quantity="test accuracy from drawn weights minus from the fitted network",
        rule=Above(0.0),
        values=_below("nothing", PLAIN),
        sweep=("adversarial_start",),
    ),
    Claim(
        text="It is the random labels, not the size of the weights that they leave",
        where=LIU,
        paper="not asked",
        quantity="test accuracy from drawn weights of the fitted network's norms minus from that network, plain SGD",
        rule=Above(0.0),
        values=_below("norms", PLAIN),
        sweep=("adversarial_start",),
    ),
    Claim(
        text="With momentum and weight decay a network that has fitted random labels recovers",
        where=LIU,
        paper="with both, and augmentation",
        quantity="last test accuracy from drawn weights minus from the fitted network",
        rule=Within(high=POINT),
        values=_left,
        sweep=("adversarial_start",),
    ),
    our_question(
        text="True labels are learned with less coherence by a network that has fitted random ones",
        quantity="log2 of the median r from the first epoch to the fit, fitted network over drawn weights, plain SGD",
        rule=Below(0.0),
        values=_ratio("r", "weights", "nothing"),
        sweep=("adversarial_start",),
    ),
    our_question(
        text="... and with less than from drawn weights of its norms",
        quantity="log2 of the median r from the first epoch to the fit, fitted network over drawn weights of its norms",
        rule=Below(0.0),
        values=_ratio("r", "weights", "norms"),
        sweep=("adversarial_start",),
    ),
    our_question(
        text="It takes longer to fit the true labels than from drawn weights",
        quantity="log2 of optimizer steps to a train accuracy of .99, fitted network over drawn weights, plain SGD",
        rule=Above(0.0),
        values=_ratio("step", "weights", "nothing"),
        sweep=("adversarial_start",),
    ),
]
