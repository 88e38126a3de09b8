"""Made-up networks with measures and generalization gaps, as the sweep of generalization measures leaves them."""

from collections.abc import Callable, Mapping
from itertools import product

import pandas
from tables import constant, runs, together

Of = Callable[[float, int], float]
"""Of a network's gap and seed: a measure."""
WRONG = "data.labels.fraction"


def networks(
    measures: Mapping[str, Of],
    seeds: tuple[int, ...] = (0, 1, 2, 3),
    unfitted: float | None = None,
    ratio: Of | None = None,
) -> pandas.DataFrame:
    """Of two batch sizes, two rates and three shares of wrong labels, and those with the share ``unfitted`` do not come
    to the train loss. The gap is .1 and a half of the share, .02 more for the second batch size and rate, and .001 with
    every seed. With a ``ratio``, of gap and seed, runs of Eq. (1) that took so many times the four epochs are there as
    well, of which those with the share ``unfitted`` do not come to the train loss."""
    tables = []
    for seed, (batch, rate, wrong) in product(seeds, product((16, 32), (0.01, 0.1), (0.0, 0.2, 0.4))):
        gap = 0.1 + wrong / 2 + 0.02 * (batch == 32) + 0.02 * (rate == 0.1) + 0.001 * seed
        end = 0.3 if wrong == unfitted else 0.05
        where = {
            **{"model": "mlp", "data.batch_size": batch, "optimizer.lr": rate, "optimizer.weight_decay": 0.0},
            **{WRONG: wrong, "stop.train_loss": 0.1, "objective": "standard"},
        }
        curves = {
            "loss/train": lambda epoch, step, seed, end=end, gap=gap: end + (4 - epoch) * gap,
            "accuracy/train": constant(1.0),
            "accuracy/held_out": constant(1 - gap),
            "generalization/params": constant(100.0),
            "generalization_images/train": constant(50.0),
            "generalization_images/held_out": constant(1000.0),
            **{f"generalization/{name}": constant(of(gap, seed)) for name, of in measures.items()},
        }
        tables.append(runs(where, curves, range(5), seeds=[seed]))
        if ratio is not None:
            split = where | {"objective": "split"}
            ends = {"loss/train": constant(end), "accuracy/train": constant(1.0)}
            tables.append(runs(split, ends, [0, round(4 * ratio(gap, seed))], seeds=[seed]))
    return together(*tables)


def rising(gap: float, seed: int) -> float:
    return 10 * gap


def falling(gap: float, seed: int) -> float:
    return -gap
