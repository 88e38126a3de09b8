"""Does what an architecture knows of images keep it from memorizing?"""

from math import log2

import pandas

from rotelab.claims.claim import Ask, NotMeasured, Values, our_question
from rotelab.claims.ranking import tau
from rotelab.claims.samples import Bounded, Unpaired
from rotelab.claims.shares import ShareDifference, counts_by_seed
from rotelab.claims.verdicts import Above
from rotelab.experiments.architecture.claims.bias import STEP
from rotelab.experiments.architecture.ease import KINDS, LEVEL, died, ratios
from rotelab.experiments.architecture.networks import MOVED, MOVED_PERMUTED, NETWORKS, Arm, line
from rotelab.results.lines import finals

EPOCHS = f"log2 of the epochs of Eq. (1) over Eq. (3) to a train accuracy of {LEVEL}"


def _doublings(table: pandas.DataFrame, network: str, arm: Arm) -> pandas.Series:
    """By seed. NotMeasured where a run did not come to the train accuracy."""
    found = ratios(table, network, arm)
    if found.isna().any():
        came = f"{found.notna().sum()} of {len(found)} seeds came to {LEVEL} under both"
        raise NotMeasured(f"{NETWORKS[network][0]}, {arm.words}: {came}")
    return found.map(log2)


def _more(table: pandas.DataFrame) -> Values:
    """An epoch of Eq. (1) sees twice as many images."""
    found = _doublings(table, "convolutional", MOVED)
    return {"epochs": found, "images": found + 1}


def _minus(one: str, other: str, arm: Arm) -> Ask:
    return lambda table: {"": Unpaired(tuple(_doublings(table, one, arm)), tuple(_doublings(table, other, arm)))}


def _permutation(table: pandas.DataFrame) -> Values:
    """What the permutation takes off, of the same seeds' weights."""
    off = (
        tuple(_doublings(table, network, MOVED) - _doublings(table, network, MOVED_PERMUTED))
        for network in ("convolutional", "fully_connected")
    )
    return {"": Unpaired(*off)}


def _tau(table: pandas.DataFrame) -> Values:
    """By seed, the mean over kinds of images, of the networks of which both runs came to the train accuracy."""
    found: dict[str, pandas.Series] = {}
    for arm in KINDS:
        times = pandas.DataFrame({network: ratios(table, network, arm) for network in NETWORKS}).dropna(axis=1)
        if len(times.columns) < 3:
            raise NotMeasured(f"{len(times.columns)} networks came to {LEVEL} in all seeds: too few to rank")
        held = pandas.DataFrame({network: finals(table, line(network, arm)) for network in times})
        found[arm.words] = pandas.Series(
            {seed: tau(times.loc[seed].to_numpy(), held.loc[seed].to_numpy()) for seed in times.index}
        )
    return {"": Bounded(tuple(pandas.DataFrame(found).mean(axis=1)), -1.0, 1.0, STEP)}


def _deaths(table: pandas.DataFrame) -> Values:
    both = (counts_by_seed(died(table, network)) for network in ("convolutional", "fully_connected"))
    return {"": ShareDifference(*both)}


CLAIMS = [
    our_question(
        text="Convolutions take more epochs to memorize than to learn",
        quantity=f"{EPOCHS}, convolutional, images {MOVED.words}",
        rule=Above(0.0),
        values=_more,
        sweep=("ease",),
    ),
    *(
        our_question(
            text=text,
            quantity=f"{EPOCHS}, {NETWORKS[one][0]} minus {NETWORKS[other][0]}, images {MOVED.words}",
            rule=Above(0.0),
            values=_minus(one, other, MOVED),
            sweep=("ease",),
        )
        for one, other, text in (
            ("convolutional", "fully_connected", "... more times as many than fully connected layers"),
            ("convolutional", "locally_connected", "... and than local connections that share no weights"),
            (
                "locally_connected",
                "fully_connected",
                "Local connections that share no weights take more times as many than fully connected layers",
            ),
        )
    ),
    our_question(
        text="A permutation of the pixels takes more of that off convolutions than off fully connected layers",
        quantity=f"{EPOCHS}, images {MOVED.words} minus {MOVED_PERMUTED.words}, convolutional minus fully connected",
        rule=Above(0.0),
        values=_permutation,
        sweep=("ease",),
    ),
    our_question(
        text="The better an architecture generalizes, the longer memorizing takes",
        quantity="Kendall's tau of the epochs of Eq. (1) over Eq. (3) with the held-out accuracy of Eq. (3) at a train "
        f"accuracy of {LEVEL}, over architectures, the mean over two kinds of images",
        rule=Above(0.0),
        values=_tau,
        sweep=("ease",),
    ),
    our_question(
        text="Convolutions die more often under gradient splitting than fully connected layers",
        quantity="share of dead runs of Eq. (1), convolutional minus fully connected, both kinds of images",
        rule=Above(0.0),
        values=_deaths,
        sweep=("ease",),
        dead=True,
    ),
]
