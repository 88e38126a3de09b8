"""The networks of Zhang et al. (2017) as the figures name and colour them, and when one has fitted its train split."""

from dataclasses import dataclass

import pandas

from rotelab.errors import Refusal
from rotelab.figures import style
from rotelab.results.lines import Line, rows

FITTED = 0.99
"""The train accuracy from which on a train split is called fitted."""


@dataclass(frozen=True)
class Network:
    name: str
    color: str
    marker: str


NETWORKS = {
    "inception": Network("Inception", style.PLAIN, "o"),
    "inception_no_bn": Network("Inception without batch norm", "#56B4E9", "s"),
    "alexnet": Network("AlexNet", style.MEMORIZE, "^"),
    "mlp_3x512": Network("MLP 3x512", "#CC79A7", "D"),
    "mlp_1x512": Network("MLP 1x512", style.BOTH, "v"),
    "inception_v3": Network("InceptionV3", "#E69F00", "P"),
    "resnet50": Network("ResNet-50", "#F0E442", "X"),
}
"""By the names of ``conf/network``, in the paper's order, and those of ImageNet; colours of Okabe and Ito."""
OF_IMAGENET = ("inception_v3", "resnet50")
NAMES = {name: network.name for name, network in NETWORKS.items() if name not in OF_IMAGENET}
"""Of the paper's on CIFAR-10, which claims are about."""


def found(table: pandas.DataFrame) -> dict[str, Network]:
    """Those of a sweep. ValueError, with a sentence, where it names none, or another one."""
    if "network" not in table or table.network.isna().any():
        raise Refusal("this figure needs runs of a sweep over network=..., as those of Zhang et al. are")
    names = set(table.network)
    if unknown := names - set(NETWORKS):
        raise Refusal(f"network={min(unknown)} is none of {', '.join(NETWORKS)}")
    return {name: network for name, network in NETWORKS.items() if name in names}


def fits(table: pandas.DataFrame, line: Line) -> pandas.DataFrame:
    """(seed, epoch, step, fitted): when each run first had a train accuracy of FITTED; where it had not, its end."""
    ends = []
    for seed, run in rows(table, line).sort_values("epoch").groupby("seed"):
        there = run[run.value >= FITTED]
        at = run.iloc[-1] if there.empty else there.iloc[0]
        ends.append((seed, int(at.epoch), int(at.step), not there.empty))
    return pandas.DataFrame(ends, columns=["seed", "epoch", "step", "fitted"])
