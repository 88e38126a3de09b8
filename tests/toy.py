"""A model whose every number is known: one weight, two classes.

The image is a single pixel x; the outputs are (w x, 0). Cross-entropy for class 0 is ln(1 + exp(-w x)) and for class 1
ln(1 + exp(w x)); its derivative in w is -x sigmoid(-w x) and x sigmoid(w x).
"""

import math
from functools import partial
from typing import Any

import torch
from torch import nn

from rotelab.data import inputs, splits
from rotelab.data.module import Preparation


def noise(share: float = 1.0, seed: int = 0) -> Preparation:
    """Every image blended with so much noise."""
    return Preparation(inputs.Corruption(partial(inputs.gaussian_blend, noise=share), seed, splits.NAMES))


AS_IT_IS: dict[str, Any] = {
    "order": "by_name",
    "order_seed": 0,
    "batch_order": "fixed",
    "seed": 0,
}
"""Options of ImageData under which nothing is drawn at random."""


class Toy(nn.Module):
    def __init__(self, w: float) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.tensor(w))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        first = self.w * images.flatten()
        return torch.stack([first, torch.zeros_like(first)], dim=1)


def loss(w: float, x: float, label: int) -> float:
    return math.log1p(math.exp(-w * x if label == 0 else w * x))


def derivative(w: float, x: float, label: int) -> float:
    sigmoid = 1 / (1 + math.exp(-w * x))
    return -x * (1 - sigmoid) if label == 0 else x * sigmoid


def batch(*examples: tuple[float, int]) -> tuple[torch.Tensor, torch.Tensor]:
    """(images, labels) of pairs (pixel, label)."""
    images = torch.tensor([x for x, _ in examples]).reshape(-1, 1, 1, 1)
    return images, torch.tensor([label for _, label in examples])


class FailsAt(nn.Module):
    """A linear network to whose outputs ``added`` is added from its ``call``-th training batch on."""

    def __init__(self, call: int, added: float = float("nan")) -> None:
        super().__init__()
        self.linear, self.call, self.added, self.calls = nn.Linear(1, 2), call, added, 0

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        self.calls += self.training
        outputs = self.linear(images.flatten(1))
        fails = self.training and self.calls >= self.call
        return outputs + torch.tensor([0.0, self.added]) if fails else outputs
