"""What a person may have in a module of their own: networks, an optimizer and a measure."""

import os
import time
from math import prod
from typing import Any

import torch
from lightning import Callback, Trainer
from torch import Tensor, nn
from torch.optim import SGD

from rotelab.training.learner import Learner

SECONDS = "SECONDS_OF_A_PASS"


def build(image_shape: tuple[int, int, int], classes: int, depth: int = 1) -> nn.Sequential:
    size = prod(image_shape)
    hidden = [layer for _ in range(depth) for layer in (nn.Linear(size, size), nn.ReLU())]
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(size, classes))


def slow(image_shape: tuple[int, int, int], classes: int) -> nn.Sequential:
    """Waits in every pass for as many seconds as the environment says."""
    network = build(image_shape, classes)
    network.register_forward_hook(lambda *_: time.sleep(float(os.environ.get(SECONDS, "0"))))
    return network


class Plain(SGD):
    """Takes no options but these."""

    def __init__(self, parameters: Any, lr: float, weight_decay: float, momentum: float = 0.0) -> None:
        super().__init__(parameters, lr=lr, weight_decay=weight_decay, momentum=momentum)


class Mine(Callback):
    def __init__(self, value: float) -> None:
        self.value = value

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        learner.metrics["mine/train"] = self.value


class Tied(nn.Module):
    """One matrix twice, statistics, and a buffer that is no part of its state and drawn when it is built."""

    def __init__(self, image_shape: tuple[int, ...], classes: int) -> None:
        super().__init__()
        self.first, self.norm, self.then = nn.Linear(64, 64), nn.BatchNorm1d(64), nn.Linear(64, 64)
        self.then.weight = self.first.weight
        self.register_buffer("drawn", torch.randn(64), persistent=False)
        self.last = nn.LazyLinear(classes)

    def forward(self, images: Tensor) -> Tensor:
        return self.last(self.then(self.norm(self.first(images.flatten(1)) + self.drawn)))


class Odd(nn.Linear):
    def get_extra_state(self) -> str:
        return "no tensor"

    def set_extra_state(self, state: Any) -> None: ...


def odd(image_shape: tuple[int, ...], classes: int) -> nn.Module:
    """A part of its state is text."""
    return nn.Sequential(nn.Flatten(), Odd(prod(image_shape), classes))


def flat(image_shape: tuple[int, ...], classes: int) -> nn.Module:
    """Nothing to learn."""
    return nn.Flatten()


def takes_three(one: object, two: object, three: object, lr: float = 0.0, weight_decay: float = 0.0) -> None:
    """Neither a network nor an optimizer or a measure is made so."""


def gives_a_number(image_shape: object, classes: int) -> int:
    return classes
