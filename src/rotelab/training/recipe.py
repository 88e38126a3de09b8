"""What a run is made of, and what comes of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Literal

import numpy
import pandas
from lightning import Callback
from torch import nn
from torch.optim import Optimizer

from rotelab.aggregators import Aggregator, Mean
from rotelab.data.batched import Batched
from rotelab.objectives import Objective


@dataclass(frozen=True)
class Recipe:
    """What a run is made of, as plain Python.

    ``data(device=...)`` makes the splits, ``network`` a network from (channels, height, width) and the number of
    classes, ``aggregator`` an aggregator, which may have a memory, of the gradients. The weights depend on these, the
    objective, the optimizer with its ``lr_decay`` (the factor from epoch to epoch) and ``head_decay`` (that of the last
    layer's weights, beside the gradient), the four stops, precision and seed; ``measures`` only look on. How it
    is computed, on which device or how many of them, by how many ``threads``, in which mode of torch.compile, on
    channels padded to which multiple, both batches of a step in ``one_pass`` or not, as a CUDA ``graph`` or not, may
    change the last bits of a step and nothing else.
    """

    data: Callable[..., Batched]
    network: Callable[[Any, int], nn.Module]
    objective: Objective
    optimizer: Callable[..., Optimizer]
    stop_accuracy: float | None
    max_epochs: int
    stop_loss: float | None = None
    dead_epochs: int | None = None
    lr_decay: float = 1.0
    head_decay: float = 0.0
    aggregator: Callable[[], Aggregator] = Mean
    seed: int = 0
    precision: str = "fp32"
    accelerator: str = "cpu"
    devices: int = 1
    threads: int | None = None
    compile: str | None = None
    pad_channels: int = 1
    one_pass: bool = False
    graph: bool = False
    measures: Sequence[Callback] = field(default_factory=tuple)

    def signs(self, classes: int) -> Iterator[Literal[-1, 0, 1]]:
        """Those that the objective may have."""
        for epoch, accuracy in product((1, self.max_epochs), (0.0, 0.5, 1.0)):
            yield self.objective.sign(accuracy, classes, epoch)


@dataclass(frozen=True)
class Outcome:
    """How a run ended: its counts, the last value of every metric, the network, and the seconds that it took."""

    epochs: int
    steps: int
    images: int
    metrics: dict[str, float]
    network: nn.Module
    seconds: float
    device: str
    threads: int
    classes: int
    """Of the data: a guess is right once in so many times."""
    labels_changed: dict[str, int] = field(default_factory=dict)
    """By split, how many labels are not the source's."""
    skipped: tuple[str, ...] = ()
    """Files that are no images and were left out."""
    dead_since: int | None = None
    """The epoch since which it could not learn any more, where it was ended for that."""
    together: int = 1
    """So many runs trained at once when this one began: its seconds are theirs as well."""
    sittings: int = 1
    """In so many it was trained: more than one where it was stopped, and went on from a checkpoint."""
    devices: int = 1
    """So many had a share of every batch."""
    arrays: Mapping[str, numpy.ndarray] = field(default_factory=dict)
    """What measures have left beside the metrics, by name."""
    curve: pandas.DataFrame | None = None
    """``epoch, step, images, split, metric, value``, where it was not written to a file of one's own."""
