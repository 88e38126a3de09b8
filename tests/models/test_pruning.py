"""Masks have exactly the counts of the ladder, and what is pruned stays zero under every optimizer."""

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import SGD, Adam, AdamW, RMSprop

from rotelab.models import held, pruning
from rotelab.models.convnet5 import convnet5
from rotelab.models.mlp import mlp
from rotelab.randomness import stream

L1 = torch.tensor(
    [
        [0.11, -1.27, -0.6, -1.37],
        [0.19, -0.67, -0.59, -1.11],
        [0.11, -1.36, -0.03, 0.11],
        [0.72, -2.02, 0.28, -0.25],
        [-0.86, 2.03, 0.36, -0.28],
        [0.08, -0.27, -0.36, -0.48],
    ]
)
L2 = torch.tensor(
    [
        [-0.56, -0.51, 1.76, -0.9, -0.9, 3.71],
        [1.03, -0.11, -0.65, -1.39, 0.54, -0.46],
        [0.66, -0.24, 0.3, 1.04, 1.43, 0.28],
    ]
)
BOTH = {"l1": L1, "l2": L2}
"""With ties, of which the first go."""


def text(masks: dict[str, Tensor]) -> list[str]:
    return ["".join(str(int(value)) for value in row) for mask in masks.values() for row in mask]


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.2, "0111 1111 0100 1111 1111 0111 111111 101111 100110"),
        (0.5, "0111 0111 0100 1100 1100 0001 001111 100100 100110"),
    ],
)
def test_by_layer_as_worked_out(share: float, expected: str) -> None:
    masks = pruning.by_layer(BOTH, pruning.nonzero(BOTH), {"l1": share, "l2": share})
    assert text(masks) == expected.split()


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.2, "0111 0111 0100 1110 1111 0111 111111 101111 101111"),
        (0.5, "0111 0111 0100 1100 1100 0000 001111 101100 100110"),
    ],
)
def test_globally_as_worked_out(share: float, expected: str) -> None:
    """Nine and 21 of 42."""
    assert text(pruning.globally(BOTH, pruning.nonzero(BOTH), share)) == expected.split()


def test_the_ladder_of_lenet_300_100() -> None:
    """Fifteen rounds leave 3.58 % of 266,200 weights (Frankle and Carbin 2019)."""
    network = mlp((1, 28, 28), 10, [300, 100])
    assert sum(parameter.numel() for parameter in network.parameters()) == 266_610
    weights, shares = pruning.weights(network), pruning.shares(network, 0.2, 0.1)
    left = pruning.nonzero(weights)
    counts = []
    for _ in range(15):
        left = pruning.by_layer(weights, left, shares)
        counts.append(tuple(int(mask.sum()) for mask in left.values()))
    assert counts[:3] == [(188_160, 24_000, 900), (150_528, 19_200, 810), (120_422, 15_360, 729)]
    assert counts[-1] == (8_275, 1_056, 206)
    assert sum(counts[-1]) / 266_200 == pytest.approx(0.0358, abs=5e-5)


def test_masks_of_controls_have_the_counts_of_the_ticket() -> None:
    left = pruning.by_layer(BOTH, pruning.nonzero(BOTH), {"l1": 0.5, "l2": 0.2})
    drawn = pruning.shuffled(left, stream("test"))
    assert text(drawn) != text(left)
    greatest = pruning.greatest(BOTH, left)
    for name in left:
        assert drawn[name].sum() == left[name].sum() == greatest[name].sum()
        assert BOTH[name][greatest[name]].abs().min() >= BOTH[name][~greatest[name]].abs().max()


@pytest.mark.parametrize("build", [partial(mlp, widths=[6]), partial(convnet5, width=0.05)], ids=["mlp", "convnet5"])
@pytest.mark.parametrize(
    "optimizer",
    [
        partial(SGD, lr=0.1, momentum=0.9, weight_decay=0.1),
        partial(Adam, lr=0.1, weight_decay=0.1),
        partial(AdamW, lr=0.1),
        partial(RMSprop, lr=0.1, momentum=0.9),
    ],
)
def test_what_is_pruned_stays_zero(build: Callable[..., nn.Module], optimizer: Callable) -> None:
    """Also of an optimizer that remembers gradients of before."""
    network = build((1, 4, 4), 3)
    made = optimizer(network.parameters())

    def step() -> None:
        made.zero_grad()
        cross_entropy(network(torch.rand(5, 1, 4, 4)), torch.tensor([0, 1, 2, 0, 1])).backward()
        made.step()

    step()
    weights = pruning.weights(network)
    left = pruning.by_layer(weights, pruning.nonzero(weights), pruning.shares(network, 0.5, 0.5))
    pruning.prune(network, left)
    step()
    moved = any(bool((weight[~left[name]] != 0).any()) for name, weight in pruning.weights(network).items())
    assert moved  # gradients and memories are not masked, so that holding has something to do
    held.put_back(network)
    held.hold_after(made, lambda: [network])
    for _ in range(3):
        step()
        for name, weight in pruning.weights(network).items():
            assert not weight[~left[name]].any() and weight[left[name]].all()


def test_masks_are_no_part_of_what_is_kept() -> None:
    network = mlp((1, 4, 4), 3, [6])
    names = list(network.state_dict())
    pruning.prune(network, pruning.nonzero(pruning.weights(network)))
    assert list(network.state_dict()) == names
