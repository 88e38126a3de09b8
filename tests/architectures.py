"""Made-up networks of four architectures, as the sweeps over them leave them."""

from collections.abc import Mapping
from functools import cache
from itertools import product

import pandas
from asking import Of
from tables import Curve, constant, runs, together

from rotelab.experiments.architecture.ease import KINDS
from rotelab.experiments.architecture.networks import ARMS, FIRST, NETWORKS, THEN, Arm

TEST = {"as they are": 0.1, "permuted": 0.1, "moved": 0.2, "moved, permuted": 0.2}
"""Test errors by kind of image, of all networks."""

EPOCHS = (0, 1, 2, 4, 8, 16, 32)


def where(network: str, first: str, then: str, objective: str) -> dict[str, object]:
    return {"network": network, FIRST: first, THEN: then, "objective": objective, "stop.train_accuracy": 0.99}


def of(table: pandas.DataFrame, network: str, arm: Arm) -> pandas.Series:
    """Which rows are of a network and a kind of image."""
    return (table.network == network) & (table[FIRST] == arm.first) & (table[THEN] == arm.then)


@cache
def all_alike(seeds: tuple[int, ...]) -> pandas.DataFrame:
    tables = []
    for network, arm in product(NETWORKS, ARMS):
        right = 1 - TEST[arm.words]
        curves = {
            "accuracy/train": constant(1.0),
            "accuracy/held_out": constant(right),
            "accuracy_moved_1/held_out": constant(right - 0.3),
            "accuracy_moved_2/held_out": constant(right - 0.6),
            "coherence_r/train": constant(2.0),
        }
        tables.append(runs(where(network, arm.first, arm.then, "standard"), curves, range(4), seeds=seeds))
    return together(*tables)


def plain(
    changed: Mapping[tuple[str, str], Of] | None = None,
    moved: Mapping[str, float] | None = None,
    r: Mapping[str, float] | None = None,
    seeds: tuple[int, ...] = (0, 1, 2),
) -> pandas.DataFrame:
    """Of plain training; ``changed`` are test errors by network and kind of image, ``moved`` what a pixel costs in
    place of .3, and ``r`` is the same at all epochs, 2 if it isn't named."""
    table = all_alike(seeds).copy()
    for network, arm in product(NETWORKS, ARMS):
        rows = of(table, network, arm)
        if error := (changed or {}).get((network, arm.words)):
            more = table.seed[rows].map(error) - TEST[arm.words]
            table.loc[rows & (table.split == "held_out"), "value"] -= more
        for pixels in (1, 2):
            there = rows & (table.metric == f"accuracy_moved_{pixels}")
            table.loc[there, "value"] -= pixels * ((moved or {}).get(network, 0.3) - 0.3)
        table.loc[rows & (table.metric == "coherence_r"), "value"] = (r or {}).get(network, 2.0)
    return table


@cache
def memorizing_alike(seeds: tuple[int, ...]) -> pandas.DataFrame:
    tables = []
    for network, arm, objective in product(NETWORKS, KINDS, ("standard", "split")):
        split = objective == "split"
        curves: dict[str, Curve] = {
            "accuracy/train": lambda epoch, step, seed, at=8 if split else 4: 0.95 if epoch >= at else 0.1,
            "accuracy/held_out": constant(0.2 if split else 0.5),
        }
        tables.append(runs(where(network, arm.first, arm.then, objective), curves, EPOCHS, seeds=seeds))
    return together(*tables)


def memorizing(
    epochs: Mapping[tuple[str, str], Of] | None = None,
    held: Mapping[str, float] | None = None,
    deaths: Mapping[str, tuple[int, ...]] | None = None,
    seeds: tuple[int, ...] = (0, 1, 2),
) -> pandas.DataFrame:
    """Plain training takes 4 epochs to a train accuracy of .9, Eq. (1) 8 or so many ``epochs`` by network and kind of
    image; ``held`` are held-out accuracies of Eq. (3), and ``deaths`` the seeds whose runs of Eq. (1) died."""
    table = memorizing_alike(seeds).copy()
    split = table.objective == "split"
    for (network, words), value in (epochs or {}).items():
        (arm,) = (arm for arm in KINDS if arm.words == words)
        rows = of(table, network, arm) & split & (table.split == "train")
        came = table.epoch[rows] >= table.seed[rows].map(value)
        table.loc[rows, "value"] = came.map({True: 0.95, False: 0.1})
    for network, right in (held or {}).items():
        table.loc[(table.network == network) & ~split & (table.split == "held_out"), "value"] = right
    for network, of_seeds in (deaths or {}).items():
        table.loc[(table.network == network) & split & table.seed.isin(of_seeds), "dead_since"] = 1.0
    return table
