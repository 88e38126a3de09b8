"""The order of learning: are right labels learned first, and do gradients tell which examples are next?"""

from math import log2

import pandas

from rotelab.claims.claim import Ask, Claim, Values
from rotelab.claims.questions import all_seeds
from rotelab.claims.samples import accuracies
from rotelab.claims.verdicts import Above
from rotelab.experiments.coherent_gradients import fig3, order
from rotelab.figures.networks import NAMES
from rotelab.results.lines import beside, reached


def _right_first(network: str) -> Ask:
    """Log2 of steps to half of the wrong labels over steps to half of the right ones."""

    def values(table: pandas.DataFrame) -> Values:
        wrong, right = (
            reached(table, order.line(network, 0.5, split, "accuracy"), [0.5]).set_index("seed").step
            for split in ("train_corrupted", "train_clean")
        )
        return {"": all_seeds(wrong / right, table.seed, "half of both kinds of labels were learned").map(log2)}

    return values


def _told_apart(network: str) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        return {
            name: accuracies(order.told_apart(table, network, fraction))
            for fraction, (_, name) in order.FRACTIONS.items()
        }

    return values


def _share(network: str, split: str, low: float, high: float) -> Ask:
    """Its mean share of the step while the train accuracy is in [low, high)."""

    def values(table: pandas.DataFrame) -> Values:
        found = beside(table, order.line(network, 0.5, split, "coherence_share"))
        at = (low <= found.train_accuracy) & (found.train_accuracy < high) & (found.step > fig3.WARM_UP)
        share = found[at].groupby("seed").value.mean()
        return {"": all_seeds(share, table.seed, f"it was measured at train accuracies from {low} to {high}")}

    return values


def _of(network: str) -> tuple[Claim, ...]:
    name = NAMES[network]
    return (
        Claim(
            text=f"{name}: right labels are learned before wrong ones",
            where="Towards a Simple Explanation, (1) and (2)",
            paper="reliably earlier",
            quantity="log2 of steps to train accuracy .5 on wrong over those on right labels",
            rule=Above(0.0),
            values=_right_first(network),
            sweep=("order",),
        ),
        Claim(
            text=f"{name}: right labels make most of the step at first",
            where="Coherent Gradients, ICLR 2020",
            paper="about .7",
            quantity="share of right labels in the step while the train accuracy is below .5",
            rule=Above(0.5),
            values=_share(network, "train_clean", 0.0, 0.5),
            sweep=("order",),
        ),
        Claim(
            text=f"{name}: ... and wrong ones at last",
            where="Coherent Gradients, ICLR 2020",
            paper="cross over",
            quantity="share of wrong labels in the step at train accuracies of .9 to .99",
            rule=Above(0.5),
            values=_share(network, "train_corrupted", 0.9, 0.99),
            sweep=("order",),
        ),
        Claim(
            text=f"{name}: examples that are learned next have gradients that agree more with the others'",
            where="Towards a Simple Explanation, (1)",
            paper="expected",
            quantity="probability that an example learned next agreed more than one that was not, mean over "
            "measurements",
            rule=Above(0.5),
            values=_told_apart(network),
            sweep=("order",),
        ),
    )


CLAIMS = [claim for network in ("alexnet", "mlp_1x512") for claim in _of(network)]
