"""Networks that train together up to an epoch, and then apart: each in an order of its own, or by another objective.

The settings are those under which gradient splitting does not die (``conf/conditioning/good.yaml``), for plain training
as well: whitened images, He start with a small last layer that decays, Adam with a short memory, pairs of one class.
"""

from copy import deepcopy
from itertools import pairwise
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float32, Int64
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import Adam

from rotelab.data import pairs
from rotelab.data.whitening import zca
from rotelab.exact import images
from rotelab.models import initial
from rotelab.models.batch_norm_cnn import batch_norm_cnn
from rotelab.models.convnet5 import convnet5
from rotelab.models.mlp import mlp

FLOOR, HEAD_SCALE, BETAS, HEAD_DECAY = 0.01, 0.01, (0.9, 0.95), 5.0
"""Of whitening; of the initial last layer; of Adam; of the last layer over the learning rate."""
Sign = Literal[-1, 0]
"""Eq. (1), gradient splitting, or Eq. (3), plain training."""


class Task(NamedTuple):
    """Images to learn, others to unlearn, of the same class each, and those that nothing but an evaluation sees."""

    train: Float32[Tensor, "image channel height width"]
    labels: Int64[Tensor, " image"]
    other: Float32[Tensor, "image channel height width"]
    other_labels: Int64[Tensor, " image"]
    held_out: Float32[Tensor, "new channel height width"]
    held_out_labels: Int64[Tensor, " new"]


def task(seed: int, folder: str | None, side: int | None, count: int, held_out: int) -> Task:
    """Drawn by ``seed`` from the digits or a folder; whitened over both halves, ``count`` images each."""
    data = images.load(seed, folder, side, None if folder is None else 3 * count, held_out)
    every, new = data.stacked("train").float(), data.stacked("test").float()
    labels, pool = data.train_labels[:count], data.train_labels[count:]
    other = count + pairs.balanced(labels, pool, [str(label) for label in range(int(pool.max()) + 1)])
    white = zca([torch.cat([every[:count], every[other]])], FLOOR)
    return Task(
        white(every[:count]), labels, white(every[other]), data.train_labels[other], white(new), data.test_labels
    )


def started(model: str, width: int, of: Task, seed: int) -> nn.Module:
    """``mlp1`` and ``mlp2``, of so many hidden layers of ``width``; ``convnet5``, ``width`` per cent of its channels;
    ``batch_norm_cnn``. With the softmax of Eq. (2) at the end; drawn by ``seed``."""
    shape, classes = (of.train.shape[1], of.train.shape[2], of.train.shape[3]), int(of.labels.max()) + 1
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        made = {
            "mlp1": lambda: mlp(shape, classes, [width]),
            "mlp2": lambda: mlp(shape, classes, [width, width]),
            "convnet5": lambda: convnet5(shape, classes, width / 100),
            "batch_norm_cnn": lambda: batch_norm_cnn(shape, classes, width),
        }[model]()
        initial.he(made)
    initial.scale_head(made, HEAD_SCALE)
    return nn.Sequential(made, nn.Softmax(dim=1))


def train(
    network: nn.Module, of: Task, sign: Sign, epochs: int, rate: float, batch: int, generator: torch.Generator
) -> None:
    """``J = L(train) + sign L(other)`` of batches in an order drawn by the generator; the network changes."""
    optimizer, head = Adam(network.parameters(), rate, BETAS, fused=True), [*initial.head(network).values()]
    for _ in range(epochs):
        for part in torch.randperm(len(of.labels), generator=generator).split(batch):
            loss = cross_entropy(network(of.train[part]), of.labels[part])
            if sign:
                loss = loss + sign * cross_entropy(network(of.other[part]), of.other_labels[part])
            optimizer.zero_grad()
            loss.backward()
            with torch.no_grad():
                for parameter in head:
                    parameter.mul_(1 - rate * HEAD_DECAY)
            optimizer.step()


class Way(NamedTuple):
    """How a network is trained, but for its order."""

    sign: Sign
    epochs: int
    rate: float
    batch: int


def parted(
    network: nn.Module, of: Task, way: Way, at: list[int], generators: list[torch.Generator]
) -> dict[int, list[nn.Module]]:
    """For each epoch of ``at``, in order: the networks that are trained together up to it, by the first of the
    generators, and then apart to the last epoch, with a generator each of the others.

    An optimizer begins anew at each epoch of ``at``, of those that go on together as of those that part.
    """
    trunk, own = deepcopy(network), [generator.get_state() for generator in generators[1:]]
    found = {}
    for before, epoch in pairwise([0, *at]):
        train(trunk, of, way.sign, epoch - before, way.rate, way.batch, generators[0])
        found[epoch] = [deepcopy(trunk) for _ in own]
        for child, generator, state in zip(found[epoch], generators[1:], own, strict=True):
            train(child, of, way.sign, way.epochs - epoch, way.rate, way.batch, generator.set_state(state))
    return found
