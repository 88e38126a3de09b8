"""Is it shared weights and locality by which convolutions generalize on images?"""

import pandas

from rotelab.claims.claim import Ask, Claim, Values, our_question
from rotelab.claims.ranking import tau
from rotelab.claims.samples import Bounded, Unpaired
from rotelab.claims.verdicts import Above, Below, Rule, Within
from rotelab.experiments.architecture.bias import coherence, errors
from rotelab.experiments.architecture.networks import ARMS, MOVED, MOVED_PERMUTED, NETWORKS, STILL, Arm

STEP = 1 / 3
"""Of the taus of four networks, by which two of them can differ."""
LECUN, NEYSHABUR, VIT = "LeCun (1989)", "Neyshabur (2020)", "Dosovitskiy et al. (2021)"


def _minus(one: str, other: str, arm: Arm) -> Ask:
    """Of test errors. Seeds draw the same images for both, but they are other networks."""
    return lambda table: {"": Unpaired(tuple(errors(table, one, arm)), tuple(errors(table, other, arm)))}


def _cost(table: pandas.DataFrame, network: str) -> tuple[float, ...]:
    """Of the permutation of moved images, by seed."""
    return tuple(errors(table, network, MOVED_PERMUTED) - errors(table, network, MOVED))


def _permutation(table: pandas.DataFrame) -> Values:
    return {"": Unpaired(_cost(table, "convolutional"), _cost(table, "fully_connected"))}


def _blind(table: pandas.DataFrame) -> Values:
    return {"": _cost(table, "fully_connected")}


def _shift(table: pandas.DataFrame) -> Values:
    """What test images lose by being moved by a pixel."""
    lost = (
        tuple(errors(table, network, STILL, 1) - errors(table, network, STILL))
        for network in ("convolutional", "fully_connected")
    )
    return {"": Unpaired(*lost)}


def _tau(table: pandas.DataFrame) -> Values:
    """By seed, the mean over kinds of images."""
    found: dict[str, pandas.Series] = {}
    for arm in ARMS:
        r = pandas.DataFrame({network: coherence(table, network, arm) for network in NETWORKS})
        test = pandas.DataFrame({network: errors(table, network, arm) for network in NETWORKS})
        found[arm.words] = pandas.Series(
            {seed: tau(r.loc[seed].to_numpy(), test.loc[seed].to_numpy()) for seed in r.index}
        )
    return {"": Bounded(tuple(pandas.DataFrame(found).mean(axis=1)), -1.0, 1.0, STEP)}


def _less(one: str, other: str, arm: Arm, where: str, paper: str, rule: Rule, text: str) -> Claim:
    return Claim(
        text=text,
        where=where,
        paper=paper,
        quantity=f"test error, {NETWORKS[one][0]} minus {NETWORKS[other][0]}, images {arm.words}",
        rule=rule,
        values=_minus(one, other, arm),
        sweep=("bias",),
    )


CLAIMS = [
    _less(
        "convolutional",
        "locally_connected",
        MOVED,
        LECUN,
        "shared weights generalize better than local connections alone: 98.4 against 94 % on handwritten digits",
        Below(0.0),
        "Where images are moved, shared weights generalize better than as many that are not shared",
    ),
    _less(
        "convolutional",
        "fully_connected",
        MOVED,
        NEYSHABUR,
        "convolutions are far ahead of fully connected networks on images",
        Below(0.0),
        "Where images are moved, convolutions generalize better than fully connected layers",
    ),
    _less(
        "convolutional",
        "fully_connected",
        STILL,
        NEYSHABUR,
        "convolutions are far ahead of fully connected networks on images",
        Below(0.0),
        "... and where they stand as they are",
    ),
    _less(
        "convolutional",
        "fully_connected",
        MOVED_PERMUTED,
        "our question",
        "none",
        Above(-0.01),
        "Once pixels are permuted, convolutions are no longer ahead",
    ),
    our_question(
        text="The permutation costs convolutions more than fully connected layers",
        quantity="test error on moved and permuted minus moved images, convolutional minus fully connected",
        rule=Above(0.0),
        values=_permutation,
        sweep=("bias",),
    ),
    our_question(
        text="Fully connected layers are blind to a permutation",
        quantity="test error on moved and permuted minus moved images, fully connected",
        rule=Within(-0.02, 0.02),
        values=_blind,
        sweep=("bias",),
        check="a permutation of the inputs is one of the first layer's weights, which are drawn alike",
    ),
    our_question(
        text="Locality without shared weights generalizes better than none",
        quantity=f"test error, locally connected minus fully connected, images {MOVED.words}",
        rule=Below(0.0),
        values=_minus("locally_connected", "fully_connected", MOVED),
        sweep=("bias",),
    ),
    _less(
        "vision_transformer",
        "convolutional",
        STILL,
        VIT,
        "with few images transformers, which lack the bias of convolutions, do not generalize well",
        Above(0.0),
        "From few images a vision transformer generalizes worse than convolutions",
    ),
    our_question(
        text="A test image that is moved by a pixel costs convolutions less than fully connected layers",
        quantity="test error on images moved by one pixel minus as they are, convolutional minus fully connected, "
        "trained on images as they are",
        rule=Below(0.0),
        values=_shift,
        sweep=("bias",),
    ),
    our_question(
        text="The architecture whose examples have more in common generalizes better",
        quantity="Kendall's tau of r, its mean from epoch 1 on, with the test error over four architectures, the mean "
        "over four kinds of images",
        rule=Below(0.0),
        values=_tau,
        sweep=("bias",),
    ),
]
