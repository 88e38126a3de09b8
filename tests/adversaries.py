"""Made-up runs of adversarial initialization, as its sweep leaves them."""

from collections.abc import Mapping
from itertools import product

import pandas
from asking import Of, always
from tables import Curve, runs, together

from rotelab.experiments.coherent_gradients import adversarial_start as of

Start = tuple[str, str]


def made(
    test: Mapping[Start, Of] | None = None,
    r: Mapping[str, Of] | None = None,
    fit: Mapping[str, Of] | None = None,
    adversary: Of | None = None,
    optimizers: tuple[str, ...] = tuple(of.OPTIMIZERS),
    seeds: tuple[int, ...] = (0, 1, 2),
) -> pandas.DataFrame:
    """Ten epochs of 4 steps: test accuracies of .9 from the first epoch on, r of 4 up to the fit and of 99 before and
    after, the fit at epoch 4, random labels all learned; but for what is given."""
    tables = []
    for optimizer, start, share in product(optimizers, of.STARTS, (of.TRUE, of.RANDOM)):
        where = {of.KEEP: start, of.FRACTION: share, of.OPTIMIZER: optimizer}
        last = (fit or {}).get(start, always(4))
        curves: dict[str, Curve] = {
            "accuracy/train": lambda epoch, step, seed, last=last: 0.99 if epoch >= last(seed) else 0.5,
            "accuracy/held_out": _from_one((test or {}).get((start, optimizer), always(0.9))),
            "coherence_r/train": _until((r or {}).get(start, always(4.0)), last),
        }
        if share == of.RANDOM:
            curves["accuracy/train"] = _from_one(adversary or always(1.0))
        tables.append(runs(where, curves, seeds=seeds))
    return together(*tables)


def _from_one(value: Of) -> Curve:
    return lambda epoch, step, seed: value(seed) if epoch else 0.1


def _until(value: Of, last: Of) -> Curve:
    return lambda epoch, step, seed: value(seed) if 0 < epoch <= last(seed) else 99.0
