"""Figure 1a: are labels, pixels and noise all fitted, in which order, and how fast once it has begun?"""

from math import log2

import pandas

from rotelab.claims.claim import NO_RECORD, Ask, Claim, Values
from rotelab.claims.questions import least_final, steps_to
from rotelab.claims.samples import accuracies
from rotelab.claims.verdicts import Above, Below, Rule
from rotelab.experiments.randomization_tests import fig1a
from rotelab.figures.networks import FITTED, NAMES

HALF = 0.5
"""The train accuracy at which a network is on its way to fit."""
RECORDED_STEPS = {
    "true_labels": "4.0k",
    "shuffled_pixels": "5.6k",
    "gaussian": "8.8k",
    "random_pixels": "11.9k",
    "random_labels": "16.6k",
}
"""Of an independent reproduction with Inception, to a train loss of .1."""


def _steps(table: pandas.DataFrame, network: str, variant: str, level: float) -> pandas.Series:
    line = fig1a.line(network, variant)
    return steps_to(table, line, level, f"{NAMES[network]}, {line.label}")


def _all_variants(network: str) -> Ask:
    lines = [fig1a.line(network, variant) for variant in fig1a.VARIANTS]
    return lambda table: {"": accuracies(least_final(table, lines))}


def _later(network: str, variant: str, than: str, levels: tuple[float, ...]) -> Ask:
    """Log2 of the steps of one variant over those of another; of several levels each is a unit."""

    def values(table: pandas.DataFrame) -> Values:
        named, found = "to {:g}" if len(levels) > 1 else "", {}
        for level in levels:
            ratio = _steps(table, network, variant, level) / _steps(table, network, than, level)
            found[named.format(level)] = ratio.dropna().map(log2)
        return found

    return values


def _fast_once_started(network: str) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        started, fitted = (_steps(table, network, "random_labels", level) for level in (HALF, FITTED))
        return {"": ((fitted - started) / started).dropna().map(log2)}

    return values


def _of(network: str) -> list[Claim]:
    """Of a network of the sweep; the paper's own is Inception."""
    own = network == "inception"

    def order(text: str, variant: str, than: str, rule: Rule, levels: tuple[float, ...]) -> Claim:
        return Claim(
            text=f"{NAMES[network]}: {text}",
            where="Fig. 1a",
            paper="yes" if own else "Inception alone",
            recorded=f"{RECORDED_STEPS[variant]} against {RECORDED_STEPS[than]} steps" if own else NO_RECORD,
            quantity="log2 of steps to train accuracy "
            f"{' and '.join(f'{level:g}' for level in levels)}, the former over the latter",
            rule=rule,
            values=_later(network, variant, than, levels),
            sweep=("fig1a",),
        )

    return [
        Claim(
            text=f"{NAMES[network]} fits random labels, shuffled and random pixels, and noise",
            where="Fig. 1a",
            paper="all of them" if own else "Inception alone",
            recorded="1, all of them" if own else NO_RECORD,
            quantity="least of the last train accuracies of all variants",
            rule=Above(FITTED),
            values=_all_variants(network),
            sweep=("fig1a",),
        ),
        order("shuffled pixels take longer", "shuffled_pixels", "true_labels", Above(0.0), (FITTED,)),
        order("random labels still longer", "random_labels", "shuffled_pixels", Above(0.0), (FITTED,)),
        order("noise before random labels", "gaussian", "random_labels", Below(0.0), (HALF, FITTED)),
        order("random pixels before random labels", "random_pixels", "random_labels", Below(0.0), (HALF, FITTED)),
        order("noise before random pixels", "gaussian", "random_pixels", Below(0.0), (HALF, FITTED)),
        Claim(
            text=f"{NAMES[network]}: once it starts to fit random labels, it converges fast",
            where="section 2.1",
            paper="quickly" if own else "Inception alone",
            recorded="loss .1 after 16.6k steps, .01 after 17.7k" if own else NO_RECORD,
            quantity="log2 of steps from train accuracy .5 to .99 over those to .5",
            rule=Below(0.0),
            values=_fast_once_started(network),
            sweep=("fig1a",),
        ),
    ]


CLAIMS = [claim for network in ("inception", "alexnet") for claim in _of(network)]
