"""Made-up runs of MLPs of several depths and widths, as their sweep leaves them."""

from collections.abc import Callable
from itertools import product

import pandas
from tables import runs, together

Of = Callable[[int, int, int], float]
"""(depth, width, seed) -> value."""


def made(
    r: Of = lambda depth, width, seed: 2.0 * depth,
    test: Of = lambda depth, width, seed: 0.8,
    random_r: Of = lambda depth, width, seed: 1.0,
    random_loss: float = 0.05,
    true_loss: float = 0.05,
    depths: tuple[int, ...] = (1, 2),
    widths: tuple[int, ...] = (16, 64),
) -> pandas.DataFrame:
    """Four epochs of each network, on true labels and on random ones, up to a train loss of 0.1."""
    tables = []
    for depth, width, labels in product(depths, widths, ("clean", "random")):
        true = labels == "clean"
        coherent, last = (r, true_loss) if true else (random_r, random_loss)
        curves = {
            "loss/train": lambda epoch, step, seed, last=last: last if epoch == 4 else 2.0,
            "accuracy/held_out": lambda epoch, step, seed, d=depth, w=width, t=true: test(d, w, seed) if t else 0.1,
            "coherence_r/train": lambda epoch, step, seed, d=depth, w=width, of=coherent: of(d, w, seed),
        }
        where = {"model.widths": str([width] * depth), "data/labels": labels, "stop.train_loss": 0.1}
        tables.append(runs(where, curves, range(5), seeds=(0, 1, 2)))
    return together(*tables)
