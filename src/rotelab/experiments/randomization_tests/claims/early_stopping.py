"""Figure 2: would early stopping have helped, and does batch norm steady the test accuracy?"""

from math import log2

import pandas

from rotelab.claims.claim import Ask, Claim, NotMeasured, Values
from rotelab.claims.samples import Mean, Sample, Unpaired, accuracies
from rotelab.claims.verdicts import Below
from rotelab.experiments.randomization_tests import early_stopping
from rotelab.figures import networks
from rotelab.figures.networks import NAMES
from rotelab.results.lines import last

NETWORKS = ("inception", "inception_no_bn")


def _gain(network: str) -> Ask:
    """What it would have gained, chosen on the test split itself (biased upwards, never negative) or on others."""

    def values(table: pandas.DataFrame) -> Values:
        _check_fitted_early(table, network)
        found = early_stopping.gains(table, network)
        units: dict[str, Sample] = {"chosen on the test split": accuracies(found.gain)}
        if len(chosen := found.chosen_gain.dropna()):
            units["chosen on other images"] = Mean(tuple(chosen))
        return units

    return values


def _check_fitted_early(table: pandas.DataFrame, network: str) -> None:
    """Half of the epochs at least come after the fit."""
    fits = networks.fits(table, early_stopping.line(network, "train"))
    ends = last(table, early_stopping.line(network)).epoch.min()
    if not fits.fitted.all():
        raise NotMeasured(f"{NAMES[network]}: {fits.fitted.sum()} of {len(fits)} seeds fitted in {ends} epochs")
    if 2 * fits.epoch.max() > ends:
        raise NotMeasured(f"{NAMES[network]}: fitted at epoch {fits.epoch.max()}, trained for {ends} epochs only")


def _steadier(table: pandas.DataFrame) -> Values:
    for network in NETWORKS:
        _check_fitted_early(table, network)
    with_it, without = (early_stopping.roughness(table, network).dropna() for network in NETWORKS)
    if not ((with_it > 0).all(axis=None) and (without > 0).all(axis=None)):
        raise NotMeasured("a test accuracy that did not change at all")
    return {
        f"{when} the fit": Unpaired(tuple(with_it[when].map(log2)), tuple(without[when].map(log2)))
        for when in ("before", "after")
    }


CLAIMS = [
    *(
        Claim(
            text=f"{NAMES[network]}: early stopping would not have helped",
            where="section 3, Fig. 2",
            paper="no potential benefit on CIFAR-10",
            quantity="test accuracy at the best epoch minus that at the last",
            rule=Below(0.02),
            values=_gain(network),
            sweep=("early_stopping",),
        )
        for network in NETWORKS
    ),
    Claim(
        text="Batch norm steadies the test accuracy",
        where="section 3, Fig. 2",
        paper="steadier",
        quantity="log2 of its mean change from epoch to epoch, with over without batch norm",
        rule=Below(0.0),
        values=_steadier,
        sweep=("early_stopping",),
    ),
]
