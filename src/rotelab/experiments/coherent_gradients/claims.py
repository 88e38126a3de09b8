"""The claims of Chatterjee and Zielinski about coherent gradients, and ours about gradient splitting."""

from collections.abc import Callable
from dataclasses import replace
from math import log2

import pandas

from rotelab.claims.claim import Claim, NotMeasured, Values
from rotelab.claims.verdicts import Above, Below, Rule, Within
from rotelab.experiments.coherent_gradients import fig3, fig4, objectives, order
from rotelab.experiments.coherent_gradients.fig3 import during, medians
from rotelab.figures import curves, networks
from rotelab.figures.networks import FITTED

NAMES = {name: networks.NETWORKS[name].name for name in ("alexnet", "mlp_1x512", "inception")}
NO_RECORD = "no record"

Ask = Callable[[pandas.DataFrame], Values]


def _all_seeds(values: pandas.Series, wanted: pandas.Series, what: str) -> pandas.Series:
    """``values``, by seed. NotMeasured where a seed has none."""
    values = values.dropna()
    if len(values) < wanted.nunique():
        raise NotMeasured(f"{what} in {len(values)} of {wanted.nunique()} seeds")
    return values


# Figure 3


def _fitted(table: pandas.DataFrame, network: str, labels: str) -> None:
    train = curves.finals(table, fig3.line(network, labels, metric="accuracy"))
    if train.min() < FITTED:
        name = fig3.LABELS[labels][0]
        raise NotMeasured(f"{NAMES[network]} had a train accuracy of {train.min():.2f} on {name}")


def _real_over_random(network: str, by: str) -> Ask:
    """In each unit, a split: the ratio of the medians."""

    def values(table: pandas.DataFrame) -> Values:
        for labels in fig3.LABELS:
            _fitted(table, network, labels)
        found = {}
        for split in fig3.SPLITS:
            real, random = (medians(table, fig3.line(network, of, split), by) for of in fig3.LABELS)
            ratio = _all_seeds(real / random, table.seed, "both kinds of labels were measured while they were learned")
            found[split.replace("_", "-")] = ratio
        return found

    return values


def _at_first(table: pandas.DataFrame) -> Values:
    """alpha, which is r / m, before training."""
    found = curves.rows(table, fig3.line("alexnet", "clean", metric="coherence_alpha"))
    return {"": found[found.epoch == 0].value}


def _at_last(network: str) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        _fitted(table, network, "clean")
        of = fig3.line(network, "clean")
        accuracy = curves.rows(table, replace(of, metric="accuracy"))
        there = curves.rows(table, of).merge(
            accuracy[["run", "epoch", "value"]], on=["run", "epoch"], suffixes=("", "_at")
        )
        there = there[there.value_at >= FITTED].sort_values("epoch").groupby("seed").value.last()
        return {"": _all_seeds(there, table.seed, "r was measured once the train split was fitted")}

    return values


def _rises_on_random(network: str) -> Ask:
    """Log2 of the greatest over the first r after the start."""

    def values(table: pandas.DataFrame) -> Values:
        _fitted(table, network, "random")
        found = during(table, fig3.line(network, "random")).sort_values("epoch").groupby("seed").value
        return {"": (found.max() / found.first()).map(log2)}

    return values


def _convolutions_over_linear(table: pandas.DataFrame) -> Values:
    """Of AlexNet: two convolutions, three linear layers; log2 of the ratio of their mean median r."""
    layers = [
        medians(table, fig3.line("alexnet", "clean", metric=f"coherence_r_layer{number:02}")) for number in range(1, 6)
    ]
    return {"": ((sum(layers[:2]) / 2) / (sum(layers[2:]) / 3)).map(log2)}


# Figure 4


def _last(aggregator: str, split: str) -> Ask:
    return lambda table: {"": curves.finals(table, fig4.line(aggregator, split))}


def _over_sgd(aggregator: str, split: str) -> Ask:
    return lambda table: {"": _last(aggregator, split)(table)[""] / _last("mean", split)(table)[""]}


def _gap(table: pandas.DataFrame, aggregator: str) -> pandas.Series:
    train, test = (curves.finals(table, fig4.line(aggregator, split)) for split in ("train", "held_out"))
    return train - test


def _smaller_gap(aggregator: str) -> Ask:
    return lambda table: {"": _gap(table, aggregator) - _gap(table, "mean")}


def _not_the_delay(table: pandas.DataFrame) -> Values:
    return {
        "": _last("rolling_mean", "train_corrupted")(table)[""] - _last("rolling_median", "train_corrupted")(table)[""]
    }


# Objectives


def _less_coherent(over: tuple[str, str], under: tuple[str, str]) -> Ask:
    """Log2 of r over r at the same train accuracy; the mean over the levels above chance that both have."""

    def values(table: pandas.DataFrame) -> Values:
        tables = [
            objectives.at_levels(table, objectives.line(*of)).set_index(["seed", "level"]).value for of in (over, under)
        ]
        ratio = (tables[0] / tables[1]).dropna()
        if ratio.empty:
            raise NotMeasured("there is no train accuracy at which both were measured")
        return {"": _all_seeds(ratio.map(log2).groupby("seed").mean(), table.seed, "both had a common train accuracy")}

    return values


# The order of learning


def _right_first(network: str) -> Ask:
    """Log2 of steps to half of the wrong labels over steps to half of the right ones."""

    def values(table: pandas.DataFrame) -> Values:
        steps = [
            curves.reached(table, order.line(network, 0.5, split, "accuracy"), [0.5]).set_index("seed").step
            for split in ("train_corrupted", "train_clean")
        ]
        found = _all_seeds(steps[0] / steps[1], table.seed, "half of both kinds of labels were learned")
        return {"": found.map(log2)}

    return values


def _told_apart(network: str) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        return {name: order.told_apart(table, network, fraction) for fraction, (_, name) in order.FRACTIONS.items()}

    return values


def _share(network: str, split: str, low: float, high: float) -> Ask:
    """Its mean share of the step while the train accuracy is in [low, high)."""

    def values(table: pandas.DataFrame) -> Values:
        accuracy = curves.rows(table, order.line(network, 0.5, "train", "accuracy"))
        shares = curves.rows(table, order.line(network, 0.5, split, "coherence_share"))
        both = shares.merge(accuracy[["run", "epoch", "value"]], on=["run", "epoch"], suffixes=("", "_at"))
        both = both[(both.value_at >= low) & (both.value_at < high) & (both.step > fig3.WARM_UP)]
        share = both.groupby("seed").value.mean()
        return {"": _all_seeds(share, table.seed, f"it was measured at train accuracies from {low} to {high}")}

    return values


def _of_aggregator(name: str, short: str) -> tuple[tuple[str, str, str, Rule, Ask], ...]:
    return (
        (
            f"{short} learns hardly any wrong label",
            "learns the right ones alone",
            "last train accuracy on wrong labels",
            Below(0.2),
            _last(name, "train_corrupted"),
        ),
        (
            f"{short} learns the right labels nearly as well as SGD",
            "learns the right ones",
            "last train accuracy on right labels over that of SGD",
            Within(low=0.9),
            _over_sgd(name, "train_clean"),
        ),
        (
            f"{short} has a smaller generalization gap than SGD",
            "greatly reduced",
            "train minus test accuracy, with it minus with SGD",
            Below(0.0),
            _smaller_gap(name),
        ),
    )


CLAIMS = [
    *(
        Claim(
            text.format(NAMES[network]),
            "Towards a Simple Explanation, Fig. 3",
            "dozens against less than a handful",
            NO_RECORD,
            f"median {over} of r while training (after 25 steps, train accuracy below .99), real over random",
            Above(3.0),
            _real_over_random(network, by),
            ("fig3",),
        )
        for network in NAMES
        for text, over, by in (
            (
                "{}: an example helps several times as many others on real labels as on random ones",
                "over epochs",
                "epochs",
            ),
            (
                "{}: ... and so it does early, where log-spaced measurements are dense",
                "of the measurements",
                "measurements",
            ),
        )
    ),
    Claim(
        "At the start all gradients are nearly alike",
        "Making Coherence, ImageNet",
        "r near m",
        NO_RECORD,
        "alpha = r / m before training, AlexNet, real labels",
        Above(0.5),
        _at_first,
        ("fig3",),
    ),
    *(
        claim
        for network in NAMES
        for claim in (
            Claim(
                f"{NAMES[network]}: when all real labels are fitted, an example helps itself alone",
                "Making Coherence, ImageNet",
                "r falls to 1",
                NO_RECORD,
                "r on train images at the last measurement, train accuracy .99 or more",
                Below(2.0),
                _at_last(network),
                ("fig3",),
            ),
            Claim(
                f"{NAMES[network]}: on random labels r is low at first and rises while they are learned",
                "Making Coherence, ImageNet",
                "1, then 100 to 1000",
                NO_RECORD,
                "log2 of the greatest r over the first after 25 steps, while training",
                Above(1.0),
                _rises_on_random(network),
                ("fig3",),
            ),
        )
    ),
    Claim(
        "Convolutions are more coherent than linear layers",
        "Making Coherence, ImageNet",
        "higher",
        NO_RECORD,
        "log2 of AlexNet's median r of convolutions over that of linear layers, real labels",
        Above(0.0),
        _convolutions_over_linear,
        ("fig3",),
    ),
    Claim(
        "SGD learns the wrong labels as well",
        "Towards a Simple Explanation, Fig. 4",
        "both",
        NO_RECORD,
        "last train accuracy on wrong labels",
        Above(0.9),
        _last("mean", "train_corrupted"),
        ("fig4",),
    ),
    *(
        Claim(text, "Towards a Simple Explanation, Fig. 4", paper, NO_RECORD, quantity, rule, ask, ("fig4",))
        for name, short in (("median", "M3"), ("rolling_median", "RM3"))
        for text, paper, quantity, rule, ask in _of_aggregator(name, short)
    ),
    Claim(
        "It is the median that does it, not the age of the gradients",
        "On the Generalization Mystery, RM3 and its control",
        "the mean of three learns them",
        NO_RECORD,
        "last train accuracy on wrong labels, rolling mean minus rolling median",
        Above(0.1),
        _not_the_delay,
        ("fig4",),
    ),
    *(
        Claim(
            text,
            "rotelab's own question",
            "not asked",
            NO_RECORD,
            "log2 of the ratio of r at the same train accuracies, mean over those that a seed was measured at",
            Below(0.0),
            _less_coherent(over, under),
            ("objectives",),
        )
        for text, over, under in (
            (
                "Memorizing images by gradient splitting is less coherent than learning them",
                ("split", "clean"),
                ("standard", "clean"),
            ),
            ("... and so is memorizing them under Eq. (4)", ("threshold", "clean"), ("standard", "clean")),
            (
                "Learning noise is less coherent than learning images",
                ("standard", "gaussian_blend"),
                ("standard", "clean"),
            ),
            (
                "Memorizing images by gradient splitting is less coherent than learning noise",
                ("split", "clean"),
                ("standard", "gaussian_blend"),
            ),
        )
    ),
    *(
        Claim(text.format(NAMES[network]), where, paper, NO_RECORD, quantity, rule, ask, ("order",))
        for network in ("alexnet", "mlp_1x512")
        for text, where, paper, quantity, rule, ask in (
            (
                "{}: right labels are learned before wrong ones",
                "Towards a Simple Explanation, (1) and (2)",
                "reliably earlier",
                "log2 of steps to train accuracy .5 on wrong over those on right labels",
                Above(0.0),
                _right_first(network),
            ),
            (
                "{}: right labels make most of the step at first",
                "Coherent Gradients, ICLR 2020",
                "about .7",
                "share of right labels in the step while the train accuracy is below .5",
                Above(0.5),
                _share(network, "train_clean", 0.0, 0.5),
            ),
            (
                "{}: ... and wrong ones at last",
                "Coherent Gradients, ICLR 2020",
                "cross over",
                "share of wrong labels in the step at train accuracies of .9 to .99",
                Above(0.5),
                _share(network, "train_corrupted", 0.9, 0.99),
            ),
            (
                "{}: examples that are learned next have gradients that agree more with the others'",
                "Towards a Simple Explanation, (1)",
                "expected",
                "probability that an example learned next agreed more than one that was not, mean over measurements",
                Above(0.5),
                _told_apart(network),
            ),
        )
    ),
]
