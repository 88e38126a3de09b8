"""Do networks that memorize keep features that generalize?"""

import pandas

from rotelab.claims.claim import Ask, Claim, NotMeasured, Values, our_question
from rotelab.claims.questions import best_elsewhere
from rotelab.claims.verdicts import Above, Below
from rotelab.experiments.latent_generalization.probes import ARMS, accuracy, logits, of_arms, probed

SWEEPS = ("probes", "wrong_labels")
TESTED = "accuracy on held-out images with true labels"
DEEP = "of what the last layer is given"
MEMORIZED = 0.9
"""The train accuracy, on the labels that were trained on, from which a network is said to have memorized."""


def _memorized(arm: str) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        named = of_arms(table)
        train = named[(named.arm == arm) & (named.metric == "accuracy") & (named.split == "train")]
        return {"": train[train.epoch == train.groupby("run").epoch.transform("max")].set_index("seed").value}

    return values


def _trained(arm: str) -> Ask:
    """A linear probe of what the last layer is given: at the end minus before training."""

    def values(table: pandas.DataFrame) -> Values:
        found = probed(table)
        deep = logits(found) - 1
        if found[found.arm == arm].epoch.min() > 0:
            raise NotMeasured("no run was probed before training")
        return {"": accuracy(found, arm, "ridge", "fresh", deep) - accuracy(found, arm, "ridge", "fresh", deep, True)}

    return values


def _against(one: str, other: str) -> Ask:
    """A linear probe of what the last layer is given, of one arm minus another."""

    def values(table: pandas.DataFrame) -> Values:
        found = probed(table)
        deep = logits(found) - 1
        return {"": accuracy(found, one, "ridge", "fresh", deep) - accuracy(found, other, "ridge", "fresh", deep)}

    return values


def _more_than_it_says(arm: str) -> Ask:
    """A linear probe of what the last layer is given, fitted on the train split, minus the network."""

    def values(table: pandas.DataFrame) -> Values:
        found = probed(table)
        return {"": accuracy(found, arm, "ridge", "train", logits(found) - 1) - accuracy(found, arm)}

    return values


def _best_elsewhere(found: pandas.DataFrame, arm: str, probe: str, fit: str) -> pandas.Series:
    """By seed: of the hidden layer whose probe is best on average over the other seeds: none chooses its own."""
    layers = range(1, logits(found))
    by_layer = pandas.DataFrame({layer: accuracy(found, arm, probe, fit, layer) for layer in layers})
    return best_elsewhere(by_layer, "a layer is chosen by other seeds, and there is one")


def _subspaces(table: pandas.DataFrame) -> Values:
    found = probed(table)
    return {"": _best_elsewhere(found, "half", "subspace", "train") - accuracy(found, "half")}


def _pixels(arm: str) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        found = probed(table)
        return {"": _best_elsewhere(found, arm, "ridge", "fresh") - accuracy(found, arm, "ridge", "fresh", 0)}

    return values


MEMORIZERS = ("half", "random", "split", "then")

CLAIMS = [
    *(
        our_question(
            text=f"{ARMS[arm].words}: the network has memorized",
            quantity="train accuracy at the end, on the labels that were trained on",
            rule=Above(MEMORIZED),
            values=_memorized(arm),
            sweep=SWEEPS,
            check="the other claims are about networks that did",
        )
        for arm in MEMORIZERS
    ),
    Claim(
        text="Half of the labels random: nearest-subspace probes fitted on them are more accurate than the network",
        where="Ketha and Ramaswamy 2025",
        paper="better, at one layer at least",
        quantity=f"{TESTED}, the probe of the hidden layer that is best in the other seeds minus the network",
        rule=Above(0.0),
        values=_subspaces,
        sweep=SWEEPS,
    ),
    Claim(
        text="Training on random labels leaves deep features that are better than a random network's",
        where="Maennel et al. 2020",
        paper="downstream training may gain, or lose",
        quantity=f"{TESTED}, a linear probe {DEEP}, at the end minus before training",
        rule=Above(0.0),
        values=_trained("random"),
        sweep=SWEEPS,
    ),
    *(
        our_question(
            text=f"{ARMS[arm].words}: deep features are better than a random network's",
            quantity=f"{TESTED}, a linear probe {DEEP}, at the end minus before training",
            rule=Above(0.0),
            values=_trained(arm),
            sweep=SWEEPS,
        )
        for arm in ("half", "split", "then")
    ),
    *(
        our_question(
            text=f"{ARMS[arm].words}: the deep features are worse than under plain training on true labels",
            quantity=f"{TESTED}, a linear probe {DEEP}, minus that under Eq. (3)",
            rule=Below(0.0),
            values=_against(arm, "plain"),
            sweep=SWEEPS,
        )
        for arm in MEMORIZERS
    ),
    our_question(
        text="Eq. (1) leaves better deep features when it begins with plain training",
        quantity=f"{TESTED}, a linear probe {DEEP}, Eq. (1) after Eq. (3) minus Eq. (1)",
        rule=Above(0.0),
        values=_against("then", "split"),
        sweep=SWEEPS,
    ),
    *(
        our_question(
            text=f"{ARMS[arm].words}: the last layer's inputs tell more than the network says, by the same labels",
            quantity=f"{TESTED}, a linear probe {DEEP}, fitted on the train images and labels, minus the network",
            rule=Above(0.0),
            values=_more_than_it_says(arm),
            sweep=SWEEPS,
        )
        for arm in ("plain", "half", "split", "then")
    ),
    *(
        our_question(
            text=f"{ARMS[arm].words}: a hidden layer tells more than the pixels",
            quantity=f"{TESTED}, a linear probe of the hidden layer best in the other seeds minus that of pixels",
            rule=Above(0.0),
            values=_pixels(arm),
            sweep=SWEEPS,
        )
        for arm in ARMS
    ),
]
