"""Figure 3: how many examples does one example help, on real and on random labels, at first and at last?"""

from math import log2

import pandas

from rotelab.claims.claim import Ask, Claim, NotMeasured, Values
from rotelab.claims.questions import all_seeds
from rotelab.claims.samples import accuracies
from rotelab.claims.verdicts import Above, Below
from rotelab.experiments.coherent_gradients import fig3
from rotelab.figures.networks import FITTED, NAMES
from rotelab.results.lines import beside, finals, rows, spread

NETWORKS = ("alexnet", "mlp_1x512", "inception")
ALONE = 2.0
"""The r below which an example is said to help itself alone: 1 is itself."""
HALF = 0.5


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
    """Of a network whose examples helped others before: where they never did, r can't fall to 1."""

    def values(table: pandas.DataFrame) -> Values:
        _check_fitted(table, network, "clean")
        before = fig3.medians(table, fig3.line(network, "clean"))
        if not before.min() > ALONE:
            raise NotMeasured(f"r was {spread(before, '.2g')} in the median while they were learned: it can't fall")
        found = beside(table, fig3.line(network, "clean"))
        there = found[found.train_accuracy >= FITTED].sort_values("epoch").groupby("seed").value.last()
        return {"": all_seeds(there, table.seed, "r was measured once the train split was fitted")}

    return values


def _rises_on_random(network: str) -> Ask:
    """Log2 of the median r once half of the labels are learned over the first r after the start. (The greatest of many
    is above the first whatever happens.)"""

    def values(table: pandas.DataFrame) -> Values:
        _check_fitted(table, network, "random")
        line = fig3.line(network, "random")
        during = fig3.during(table, line).sort_values("epoch")
        first = during.groupby("seed").value.first()
        learned = beside(table, line)
        learned = learned[learned.train_accuracy >= HALF][["run", "epoch"]]
        later = during.merge(learned, on=["run", "epoch"]).groupby("seed").value.median()
        ratio = all_seeds(later / first, table.seed, "r was measured before and after half of the labels were learned")
        return {"": ratio.map(log2)}

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
                rule=Below(ALONE),
                values=_at_last(network),
                sweep=("fig3",),
            ),
            Claim(
                text=f"{NAMES[network]}: on random labels r is low at first and rises while they are learned",
                where="Making Coherence, ImageNet",
                paper="1, then 100 to 1000",
                quantity="log2 of the median r from train accuracy .5 to .99 over the first after 25 steps",
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
