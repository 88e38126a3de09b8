"""Made-up networks of four architectures, as the sweeps over them leave them."""

from collections.abc import Mapping
from itertools import product

import pandas
from asking import Of, always
from tables import Curve, constant, runs, together

from rotelab.experiments.architecture.networks import ARMS, FIRST, NETWORKS, THEN

TEST = {"as they are": 0.1, "permuted": 0.1, "moved": 0.2, "moved, permuted": 0.2}
"""Test errors by kind of image, of all networks."""

EPOCHS = (0, 1, 2, 4, 8, 16, 32)


def where(network: str, first: str, then: str, objective: str) -> dict[str, object]:
    return {"network": network, FIRST: first, THEN: then, "objective": objective, "stop.train_accuracy": 0.99}


def plain(
    changed: Mapping[tuple[str, str], Of] | None = None,
    moved: Mapping[str, float] | None = None,
    r: Mapping[str, float] | None = None,
    seeds: tuple[int, ...] = (0, 1, 2),
) -> pandas.DataFrame:
    """Of plain training; ``changed`` are test errors by network and kind of image, ``moved`` what a pixel costs, and
    ``r`` is the same at all epochs."""
    tables = []
    for network, arm in product(NETWORKS, ARMS):
        error = (changed or {}).get((network, arm.words), always(TEST[arm.words]))
        cost = (moved or {}).get(network, 0.3)
        curves: dict[str, Curve] = {
            "accuracy/train": constant(1.0),
            "accuracy/held_out": lambda epoch, step, seed, error=error: 1 - error(seed),
            "coherence_r/train": constant((r or {}).get(network, 2.0)),
        }
        for pixels in (1, 2):
            curves[f"accuracy_moved_{pixels}/held_out"] = lambda epoch, step, seed, error=error, by=pixels * cost: (
                1 - error(seed) - by
            )
        tables.append(runs(where(network, arm.first, arm.then, "standard"), curves, range(4), seeds=seeds))
    return together(*tables)


def memorizing(
    epochs: Mapping[tuple[str, str], Of] | None = None,
    held: Mapping[str, float] | None = None,
    deaths: Mapping[str, tuple[int, ...]] | None = None,
    seeds: tuple[int, ...] = (0, 1, 2),
) -> pandas.DataFrame:
    """Plain training takes 4 epochs to a train accuracy of .9, Eq. (1) 8 or so many ``epochs`` by network and kind of
    image; ``held`` are held-out accuracies of Eq. (3), and ``deaths`` the seeds whose runs of Eq. (1) died."""
    tables = []
    for network, arm, objective in product(NETWORKS, ARMS[2:], ("standard", "split")):
        split = objective == "split"
        at = (epochs or {}).get((network, arm.words), always(8)) if split else always(4)
        curves: dict[str, Curve] = {
            "accuracy/train": lambda epoch, step, seed, at=at: 0.95 if epoch >= at(seed) else 0.1,
            "accuracy/held_out": constant((held or {}).get(network, 0.5) if not split else 0.2),
        }
        table = runs(where(network, arm.first, arm.then, objective), curves, EPOCHS, seeds=seeds)
        if split:
            table.loc[table.seed.isin((deaths or {}).get(network, ())), "dead_since"] = 1.0
        tables.append(table)
    return together(*tables)
