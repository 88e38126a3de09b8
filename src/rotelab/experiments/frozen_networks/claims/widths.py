"""What does a random network know, and what does training a part of it add?"""

import pandas

from rotelab.claims.claim import Ask, Claim, NotMeasured, Values, our_question
from rotelab.claims.questions import best_elsewhere, chance
from rotelab.claims.samples import Unpaired
from rotelab.claims.verdicts import Above, Below
from rotelab.experiments.frozen_networks.widths import NETWORK, PIXELS, accuracies, logits, probed

TESTED = "accuracy on held-out images"
PROBE = "a linear probe, fitted on the train split,"
BEST = "the hidden layer best in the other seeds"
DEEP = "what the last layer is given"


def _best_elsewhere(found: pandas.DataFrame, width: float, ends: bool) -> pandas.Series:
    """By seed: of the hidden layer whose probe is best on average over the other seeds."""
    layers = {layer: accuracies(found, "all", layer, ends).loc[width] for layer in range(1, logits(found))}
    by_layer = pandas.DataFrame(layers)
    return best_elsewhere(by_layer, "a layer is chosen by other seeds, and there is one")


def _widths(found: pandas.DataFrame) -> tuple[float, float]:
    """The narrowest and the widest. NotMeasured where there is one width."""
    least, most = float(found.width.min()), float(found.width.max())
    if least == most:
        raise NotMeasured("all networks have one width")
    return least, most


def _against_pixels(wide: bool) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        found = probed(table)
        width = _widths(found)[wide]
        return {"": _best_elsewhere(found, width, False) - accuracies(found, "all", PIXELS, False).loc[width]}

    return values


def _depth(table: pandas.DataFrame) -> Values:
    found = probed(table)
    _, wide = _widths(found)
    deep, first = (accuracies(found, "all", layer, False).loc[wide] for layer in (logits(found) - 1, 1))
    return {"": deep - first}


def _wider(arm: str, ends: bool, network: bool) -> Ask:
    """Of other networks, so that seeds are not paired."""

    def values(table: pandas.DataFrame) -> Values:
        found = probed(table)
        of = accuracies(found, arm, NETWORK if network else logits(found) - 1, ends)
        narrow, wide = (tuple(map(float, of.loc[width])) for width in _widths(found))
        return {"": Unpaired(wide, narrow)}

    return values


def _training(table: pandas.DataFrame) -> Values:
    found = probed(table)
    _, wide = _widths(found)
    return {"": _best_elsewhere(found, wide, True) - _best_elsewhere(found, wide, False)}


def _networks(one: str, other: str, deep: bool = False) -> Ask:
    """At the widest, of the networks or of probes of what their last layer is given."""

    def values(table: pandas.DataFrame) -> Values:
        found = probed(table)
        layer, (_, wide) = logits(found) - 1 if deep else NETWORK, _widths(found)
        return {"": accuracies(found, one, layer).loc[wide] - accuracies(found, other, layer).loc[wide]}

    return values


def _guess(table: pandas.DataFrame) -> Values:
    found = probed(table)
    return {"": accuracies(found, "batch_norm", NETWORK).loc[_widths(found)[1]] - chance(table)}


CLAIMS = [
    our_question(
        text="A wide random network tells more than the pixels",
        quantity=f"{TESTED} of {PROBE} of {BEST}, minus that of pixels, at the greatest width",
        rule=Above(0.0),
        values=_against_pixels(True),
        sweep=("widths",),
    ),
    our_question(
        text="... and a narrow one less",
        quantity=f"{TESTED} of {PROBE} of {BEST}, minus that of pixels, at the least width",
        rule=Below(0.0),
        values=_against_pixels(False),
        sweep=("widths",),
    ),
    our_question(
        text="Deep layers of a random network gain by width",
        quantity=f"{TESTED} of {PROBE} of {DEEP}, before training, greatest width minus least",
        rule=Above(0.0),
        values=_wider("all", False, False),
        sweep=("widths",),
    ),
    our_question(
        text="... and tell less than its first layer",
        quantity=f"{TESTED} of {PROBE} of {DEEP} minus that of hidden layer 1, before training, greatest width",
        rule=Below(0.0),
        values=_depth,
        sweep=("widths",),
    ),
    our_question(
        text="Trained features are better than random ones",
        quantity=f"{TESTED} of {PROBE} of {BEST}, at the end minus before training, greatest width",
        rule=Above(0.0),
        values=_training,
        sweep=("widths",),
    ),
    Claim(
        text="Training batch norm alone leads far from chance",
        where="Frankle et al. 2021",
        paper="high accuracy for so few parameters",
        quantity=f"{TESTED} of the network minus that of a guess, greatest width",
        rule=Above(0.2),
        values=_guess,
        sweep=("widths",),
    ),
    Claim(
        text="... the farther, the wider",
        where="Frankle et al. 2021",
        paper="accuracy rises with width and depth",
        quantity=f"{TESTED} of the network, greatest width minus least",
        rule=Above(0.0),
        values=_wider("batch_norm", True, True),
        sweep=("widths",),
    ),
    Claim(
        text="... but not as far as training all",
        where="Frankle et al. 2021",
        paper="lower than all parameters",
        quantity=f"{TESTED} of the network minus that where all is trained, greatest width",
        rule=Below(0.0),
        values=_networks("batch_norm", "all"),
        sweep=("widths",),
    ),
    Claim(
        text="... and farther than training as many weights of convolutions",
        where="Frankle et al. 2021",
        paper="higher than as many parameters drawn by chance, two a channel",
        quantity=f"{TESTED} of the network minus that where those weights are trained, greatest width",
        rule=Above(0.0),
        values=_networks("batch_norm", "scattered"),
        sweep=("widths",),
    ),
    our_question(
        text="... and farther than training the last layer alone",
        quantity=f"{TESTED} of the network minus that where the last layer is trained, greatest width",
        rule=Above(0.0),
        values=_networks("batch_norm", "head"),
        sweep=("widths",),
    ),
    our_question(
        text="Batch norm, trained alone, makes deep features better",
        quantity=f"{TESTED} of {PROBE} of {DEEP}, batch norm minus last layer alone, greatest width",
        rule=Above(0.0),
        values=_networks("batch_norm", "head", deep=True),
        sweep=("widths",),
    ),
]
