"""Figure 3: how many examples does one example help, on real and on random labels, at first and at last?"""

from math import log2

import pandas

from rotelab.claims.claim import Ask, Claim, NotMeasured, Values
from rotelab.claims.questions import all_seeds
from rotelab.claims.samples import accuracies
from rotelab.claims.verdicts import Above, Below
from rotelab.experiments.coherent_gradients import fig3
from rotelab.figures.networks import FITTED, NAMES
from rotelab.results.lines import beside, finals, rows

NETWORKS = ("alexnet", "mlp_1x512", "inception")


def _check_fitted(table: pandas.DataFrame, network: str, labels: str) -> None:
    train = finals(table, fig3.line(network, labels, metric="accuracy"))
    if train.min() < FITTED:
        name = fig3.LABELS[labels][0]
        raise NotMeasured(f"{NAMES[network]} had a train accuracy of {train.min():.2f} on {name}")


def _real_over_random(network: str, by: str) -> Ask:
    """In each unit, a split: the ratio of the medians."""

    def values(table: pandas.DataFrame) -> Values:
        for labels in fig3.LABELS:
            _check_fitted(table, network, labels)
        found = {}
        for split in fig3.SPLITS:
            real, random = (fig3.medians(table, fig3.line(network, of, split), by) for of in fig3.LABELS)
            ratio = all_seeds(real / random, table.seed, "both kinds of labels were measured while they were learned")
            found[split.replace("_", "-")] = ratio
        return found

    return values


def _at_first(table: pandas.DataFrame) -> Values:
    """alpha, which is r / m, before training."""
    found = rows(table, fig3.line("alexnet", "clean", metric="coherence_alpha"))
    return {"": accuracies(found[found.epoch == 0].value)}


def _at_last(network: str) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        _check_fitted(table, network, "clean")
        found = beside(table, fig3.line(network, "clean"))
        there = found[found.train_accuracy >= FITTED].sort_values("epoch").groupby("seed").value.last()
        return {"": all_seeds(there, table.seed, "r was measured once the train split was fitted")}

    return values


def _rises_on_random(network: str) -> Ask:
    """Log2 of the greatest over the first r after the start."""

    def values(table: pandas.DataFrame) -> Values:
        _check_fitted(table, network, "random")
        found = fig3.during(table, fig3.line(network, "random")).sort_values("epoch").groupby("seed").value
        return {"": (found.max() / found.first()).map(log2)}

    return values


def _convolutions_over_linear(table: pandas.DataFrame) -> Values:
    """Of AlexNet: two convolutions, three linear layers; log2 of the ratio of their mean median r."""
    first, second, third, *others = (
        fig3.medians(table, fig3.line("alexnet", "clean", metric=f"coherence_r_layer{number:02}"))
        for number in range(1, 6)
    )
    return {"": ((first + second) / 2 / (sum(others, third) / 3)).map(log2)}


CLAIMS = [
    *(
        Claim(
            text=text.format(NAMES[network]),
            where="Towards a Simple Explanation, Fig. 3",
            paper="dozens against less than a handful",
            quantity=f"median {over} of r while training (after 25 steps, train accuracy below .99), real over random",
            rule=Above(3.0),
            values=_real_over_random(network, by),
            sweep=("fig3",),
        )
        for network in NETWORKS
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
        text="At the start all gradients are nearly alike",
        where="Making Coherence, ImageNet",
        paper="r near m",
        quantity="alpha = r / m before training, AlexNet, real labels",
        rule=Above(0.5),
        values=_at_first,
        sweep=("fig3",),
    ),
    *(
        claim
        for network in NETWORKS
        for claim in (
            Claim(
                text=f"{NAMES[network]}: when all real labels are fitted, an example helps itself alone",
                where="Making Coherence, ImageNet",
                paper="r falls to 1",
                quantity="r on train images at the last measurement, train accuracy .99 or more",
                rule=Below(2.0),
                values=_at_last(network),
                sweep=("fig3",),
            ),
            Claim(
                text=f"{NAMES[network]}: on random labels r is low at first and rises while they are learned",
                where="Making Coherence, ImageNet",
                paper="1, then 100 to 1000",
                quantity="log2 of the greatest r over the first after 25 steps, while training",
                rule=Above(1.0),
                values=_rises_on_random(network),
                sweep=("fig3",),
            ),
        )
    ),
    Claim(
        text="Convolutions are more coherent than linear layers",
        where="Making Coherence, ImageNet",
        paper="higher",
        quantity="log2 of AlexNet's median r of convolutions over that of linear layers, real labels",
        rule=Above(0.0),
        values=_convolutions_over_linear,
        sweep=("fig3",),
    ),
]
