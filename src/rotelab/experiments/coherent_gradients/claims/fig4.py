"""Figure 4: does the median of gradients keep a network from learning wrong labels?"""

import pandas

from rotelab.claims.claim import Ask, Claim, NotMeasured, Values
from rotelab.claims.samples import accuracies
from rotelab.claims.verdicts import Above, Below, Within
from rotelab.experiments.coherent_gradients import fig4
from rotelab.results.lines import finals, spread

NEARLY = 0.9
"""Of the right labels that SGD learns: what counts as learning them."""


def _final(table: pandas.DataFrame, aggregator: str, split: str) -> pandas.Series:
    return finals(table, fig4.line(aggregator, split))


def _wrong(aggregator: str) -> Ask:
    return lambda table: {"": accuracies(_final(table, aggregator, "train_corrupted"))}


def _right_over_sgd(table: pandas.DataFrame, aggregator: str) -> pandas.Series:
    return (_final(table, aggregator, "train_clean") / _final(table, "mean", "train_clean")).dropna()


def _gap(table: pandas.DataFrame, aggregator: str) -> pandas.Series:
    return _final(table, aggregator, "train") - _final(table, aggregator, "held_out")


def _smaller_gap(aggregator: str) -> Ask:
    """Of an aggregator that learns the right labels: one that learns less has the smaller gap for that alone."""

    def values(table: pandas.DataFrame) -> Values:
        if (ratio := _right_over_sgd(table, aggregator)).min() < NEARLY:
            raise NotMeasured(f"it learned {spread(ratio, '.2f')} of the right labels that SGD did")
        return {"": _gap(table, aggregator) - _gap(table, "mean")}

    return values


def _not_the_delay(table: pandas.DataFrame) -> Values:
    mean, median = (_final(table, name, "train_corrupted") for name in ("rolling_mean", "rolling_median"))
    return {"": mean - median}


def _of(aggregator: str, short: str) -> tuple[Claim, ...]:
    return (
        Claim(
            text=f"{short} learns hardly any wrong label",
            where="Towards a Simple Explanation, Fig. 4",
            paper="learns the right ones alone",
            quantity="last train accuracy on wrong labels",
            rule=Below(0.2),
            values=_wrong(aggregator),
            sweep=("fig4",),
        ),
        Claim(
            text=f"{short} learns the right labels nearly as well as SGD",
            where="Towards a Simple Explanation, Fig. 4",
            paper="learns the right ones",
            quantity="last train accuracy on right labels over that of SGD",
            rule=Within(low=NEARLY),
            values=lambda table: {"": _right_over_sgd(table, aggregator)},
            sweep=("fig4",),
        ),
        Claim(
            text=f"{short} has a smaller generalization gap than SGD",
            where="Towards a Simple Explanation, Fig. 4",
            paper="greatly reduced",
            quantity="train minus test accuracy, with it minus with SGD",
            rule=Below(0.0),
            values=_smaller_gap(aggregator),
            sweep=("fig4",),
        ),
    )


CLAIMS = [
    Claim(
        text="SGD learns the wrong labels as well",
        where="Towards a Simple Explanation, Fig. 4",
        paper="both",
        quantity="last train accuracy on wrong labels",
        rule=Above(0.9),
        values=_wrong("mean"),
        sweep=("fig4",),
        check="the learning rate was chosen so that it does",
    ),
    *_of("median", "M3"),
    *_of("rolling_median", "RM3"),
    Claim(
        text="It is the median that does it, not the age of the gradients",
        where="On the Generalization Mystery, RM3 and its control",
        paper="the mean of three learns them",
        quantity="last train accuracy on wrong labels, rolling mean minus rolling median",
        rule=Above(0.1),
        values=_not_the_delay,
        sweep=("fig4",),
    ),
]
