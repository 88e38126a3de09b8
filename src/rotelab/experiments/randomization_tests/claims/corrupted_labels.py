"""Figures 1b and 1c: what do more corrupted labels cost, in steps to fit them and in test error?"""

from math import log2

import pandas

from rotelab.claims.claim import NO_RECORD, Ask, Claim, NotMeasured, Values
from rotelab.claims.questions import chance, least_final, steps_to
from rotelab.claims.rank_correlation import rank_correlations
from rotelab.claims.samples import accuracies
from rotelab.claims.verdicts import Above, Below
from rotelab.experiments.randomization_tests import fig1b, fig1c
from rotelab.experiments.randomization_tests.claims.random_labels import AT_CHANCE, BY_CHANCE
from rotelab.figures.networks import FITTED, NAMES


def _steps(table: pandas.DataFrame, network: str, fraction: float) -> pandas.Series:
    line = fig1b.line(network, fraction)
    return steps_to(table, line, FITTED, line.label)


def _all_fractions(network: str) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        lines = [fig1b.line(network, fraction) for fraction in fig1b.fractions(table)]
        return {"": accuracies(least_final(table, lines))}

    return values


def _longer_with_fraction(network: str) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        by_fraction = {fraction: _steps(table, network, fraction) for fraction in fig1b.fractions(table)}
        return {"": rank_correlations(by_fraction, without_order=0.0)}

    return values


def _slowdown(network: str) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        none, *_, most = fig1b.fractions(table)
        if most < 1:
            raise NotMeasured(f"the sweep has no fraction above {most:g}")
        return {"": (_steps(table, network, most) / _steps(table, network, none)).dropna().map(log2)}

    return values


def _errors(table: pandas.DataFrame, network: str) -> pandas.DataFrame:
    """By seed and fraction, once all are fitted."""
    found = fig1c.errors(table, network)
    if not found.fitted.all():
        raise NotMeasured(f"{(~found.fitted).sum()} of {len(found)} runs of {NAMES[network]} did not fit")
    return found.pivot(index="seed", columns="fraction", values="error")


def _more_errors(network: str) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        errors = _errors(table, network)
        return {"": rank_correlations({value: errors[value] for value in errors.columns.tolist()}, without_order=0.0)}

    return values


def _chance_at_the_end(network: str) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        errors = _errors(table, network)
        if (most := max(errors.columns.tolist())) < 1:
            raise NotMeasured(f"the sweep has no fraction above {most:g}")
        return {"": 1 - errors[most] - chance(table)}

    return values


def _of(network: str) -> list[Claim]:
    return [
        Claim(
            text=f"{NAMES[network]} fits every fraction of corrupted labels",
            where="Fig. 1b, c",
            paper="all of them",
            quantity="least of the last train accuracies of all fractions",
            rule=Above(FITTED),
            values=_all_fractions(network),
            sweep=("fig1b",),
        ),
        Claim(
            text=f"{NAMES[network]}: the more labels are corrupted, the longer it takes to fit them",
            where="Fig. 1b",
            paper="grows",
            quantity="rank correlation of the fraction with steps to train accuracy .99",
            rule=Above(0.0),
            values=_longer_with_fraction(network),
            sweep=("fig1b",),
        ),
        Claim(
            text=f"... for {NAMES[network]} by a small factor",
            where="section 2.1, Fig. 1b",
            paper="3 to 4 at most",
            recorded="16.6k / 4.0k steps" if network == "inception" else NO_RECORD,
            quantity="log2 of steps to train accuracy .99, random over true labels",
            rule=Below(2.0),
            values=_slowdown(network),
            sweep=("fig1b",),
        ),
        Claim(
            text=f"{NAMES[network]}: the more labels are corrupted, the greater the test error",
            where="Fig. 1c",
            paper="grows",
            quantity="rank correlation of the fraction with the last test error",
            rule=Above(0.0),
            values=_more_errors(network),
            sweep=("fig1c",),
        ),
        Claim(
            text=f"... of {NAMES[network]}, to chance",
            where="Fig. 1c",
            paper=".10",
            recorded=".1031" if network == "inception" else NO_RECORD,
            quantity="last test accuracy at fraction 1, minus chance",
            rule=AT_CHANCE,
            values=_chance_at_the_end(network),
            sweep=("fig1c",),
            check=BY_CHANCE,
        ),
    ]


CLAIMS = [claim for network in ("inception", "alexnet", "mlp_1x512") for claim in _of(network)]
