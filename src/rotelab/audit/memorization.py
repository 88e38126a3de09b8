"""Would a network memorize these images? Gradient splitting beside plain training, on the images, on the same images
with random labels, and on noise of the same size."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import log2

import numpy
import pandas
import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from rotelab.audit.halves import paired
from rotelab.audit.stack import Ended
from rotelab.claims.samples import Mean
from rotelab.claims.verdicts import Interval
from rotelab.data.sizes import batch_of
from rotelab.data.tensors import TensorData
from rotelab.data.whitening import zca
from rotelab.objectives import Objective, Split, Standard
from rotelab.randomness import stream
from rotelab.results.record import level
from rotelab.training.recipe import Recipe

KINDS = {"images": "your images", "labels": "the same with random labels", "noise": "noise of the same size"}
"""What is learned, and its words."""
OBJECTIVES: dict[str, Objective] = {"standard": Standard(), "split": Split()}
"""Eq. (3), which learns one half and leaves the other alone, and Eq. (1), which unlearns the other."""
LEVELS = (0.3, 0.5, 0.7, 0.9)
"""Train accuracies on ten classes, and those as far from chance on any other number, at which times are compared."""
LEARNED = 0.99
"""Train accuracy at which a network ends."""
UNITS = {"epochs": "epoch", "steps": "step", "images": "images"}
FLOOR = 0.01
"""Of whitening: see ``zca``."""


@dataclass(frozen=True)
class Learned:
    """What networks learn from and are tested on, as they get it."""

    inputs: Float32[Tensor, "image channel height width"]
    labels: Int64[Tensor, " image"]
    test_inputs: Float32[Tensor, "test channel height width"]
    test_labels: Int64[Tensor, " test"]


def whitened(learned: Learned) -> Learned:
    """By what is learned from: values of one variance that are uncorrelated, as good conditioning asks for."""
    white = zca(learned.inputs.split(64), FLOOR)
    return replace(learned, inputs=white(learned.inputs), test_inputs=white(learned.test_inputs))


def of_kind(kind: str, learned: Learned, seed: int) -> Learned:
    """As it is; with labels that have changed places among all images; or with Gaussian noise, white as the images."""
    draw = stream("audit of memorization", kind, seed)
    if kind == "labels":
        labels = torch.cat([learned.labels, learned.test_labels])
        labels = labels[torch.randperm(len(labels), generator=draw)]
        cut = len(learned.labels)
        return replace(learned, labels=labels[:cut], test_labels=labels[cut:])
    if kind == "noise":
        shapes = (learned.inputs.shape, learned.test_inputs.shape)
        noise = (torch.randn(shape, generator=draw) for shape in shapes)
        return replace(learned, **dict(zip(("inputs", "test_inputs"), noise, strict=True)))
    return learned


def unlearned(curves: pandas.DataFrame) -> int:
    """Networks that had not come to the accuracy at which they would have ended: time was up, or their epochs."""
    accuracy = curves[(curves.metric == "accuracy") & (curves.split == "train")]
    return int((accuracy.groupby("run").value.max() < LEARNED).sum())


def recipes(base: Recipe, learned: Learned, size: int, seeds: Sequence[int], epochs: int) -> dict[str, Recipe]:
    """Of each kind, objective and seed one, named by them; halves of at most ``size`` images, in pairs of one class."""
    made = {}
    halves = {(kind, seed): _halves(kind, learned, size, seed) for kind in KINDS for seed in seeds}
    fitting = min(len(given["train"][1]) for given in halves.values())  # of random labels other pairs can be made
    for (kind, seed), given in halves.items():
        cut = {name: of if name == "held_out" else (of[0][:fitting], of[1][:fitting]) for name, of in given.items()}
        data = partial(TensorData, cut, batch_of(fitting), "reshuffled", seed, paired=True)
        for name, objective in OBJECTIVES.items():
            made[f"{kind}-{name}-{seed}"] = replace(
                base, data=data, objective=objective, stop_accuracy=LEARNED, max_epochs=epochs, seed=seed
            )
    return made


def _halves(kind: str, learned: Learned, size: int, seed: int) -> dict[str, tuple[Tensor, Tensor]]:
    given = of_kind(kind, learned, seed)
    train, other = paired(given.labels, size, stream("pairs of an audit", kind, seed))
    return {
        "train": (given.inputs[train], given.labels[train]),
        "pseudo_test": (given.inputs[other], given.labels[other]),
        "held_out": (given.test_inputs[:size], given.test_labels[:size]),
    }


@dataclass(frozen=True)
class Times:
    """How much longer gradient splitting took to a train accuracy than plain training did, in one unit: a ratio a seed,
    and the ``interval`` of their geometric mean; ``plain``: what plain training took, the mean over seeds. ``beyond``:
    splitting had not come there when it ended, in so many of the seeds, which took longer than the ratio says; it has
    no interval then."""

    kind: str
    unit: str
    accuracy: float
    ratios: tuple[float, ...]
    plain: float
    beyond: int

    @property
    def interval(self) -> Interval:
        of = Mean(tuple(map(log2, self.ratios))).interval()
        return Interval(2**of.mean, 2**of.low, 2**of.high if of.high < 1000 else float("inf"), of.seeds)


def table(ended: Mapping[str, Ended]) -> pandas.DataFrame:
    """The curves of all networks, with their ``run``, ``kind``, ``objective`` and ``seed``."""
    named = ((name, *name.split("-"), of.curve) for name, of in ended.items())
    return pandas.concat(
        [
            curve.assign(run=run, kind=kind, objective=objective, seed=int(seed))
            for run, kind, objective, seed, curve in named
        ],
        ignore_index=True,
    )


def times(curves: pandas.DataFrame, chance: float) -> list[Times]:
    """Of each kind, level and unit; none where plain training, of some seed, did not come there."""
    accuracy = curves[(curves.metric == "accuracy") & (curves.split == "train")]
    runs = {tuple(key): of for key, of in accuracy.groupby(["kind", "objective", "seed"])}
    found = (
        _compared(runs, kind, unit, level(wanted, chance)) for kind in KINDS for wanted in LEVELS for unit in UNITS
    )
    return [time for time in found if time]


def _compared(runs: Mapping[tuple, pandas.DataFrame], kind: str, unit: str, accuracy: float) -> Times | None:
    ratios, took, beyond = [], [], 0
    for seed in sorted({seed for of, _, seed in runs if of == kind}):
        plain, split = (_reached(runs.get((kind, name, seed)), UNITS[unit], accuracy) for name in OBJECTIVES)
        if plain is None or split is None or not plain.there:
            return None
        ratios.append(float(split.when / plain.when))
        took.append(float(plain.when))
        beyond += not split.there
    return Times(kind, unit, accuracy, tuple(ratios), sum(took) / len(took), beyond) if ratios else None


@dataclass(frozen=True)
class _When:
    when: float
    there: bool


def _reached(run: pandas.DataFrame | None, column: str, accuracy: float) -> _When | None:
    """When the accuracy was reached, on the straight line between two epochs; or the end, where it was not."""
    if run is None:
        return None
    at, value = run[column].to_numpy(float), run.value.to_numpy()
    there = numpy.flatnonzero(value >= accuracy)
    if not len(there):
        return _When(at[-1], False)
    first = there[0]
    if not first:
        return None
    share = (accuracy - value[first - 1]) / (value[first] - value[first - 1])
    return _When(at[first - 1] + share * (at[first] - at[first - 1]), True)


@dataclass(frozen=True)
class Ends:
    """The last accuracies of plain training, one a seed, on what was learned and on what was not seen."""

    kind: str
    train: tuple[float, ...]
    held_out: tuple[float, ...]

    @property
    def gap(self) -> tuple[float, ...]:
        """The generalization gap, a seed."""
        return tuple(a - b for a, b in zip(self.train, self.held_out, strict=True))


def ends(curves: pandas.DataFrame) -> Iterator[Ends]:
    """Of each kind, under plain training."""
    of = curves[(curves.metric == "accuracy") & (curves.objective == "standard")]
    last = of[of.epoch == of.groupby("run").epoch.transform("max")]
    for kind in KINDS:
        wide = last[last.kind == kind].pivot(index="seed", columns="split", values="value")
        if len(wide):
            yield Ends(kind, tuple(wide.train), tuple(wide.held_out))
