"""What a person may have in a module of their own: a network, an optimizer and a measure."""

from math import prod
from typing import Any

from lightning import Callback, Trainer
from torch import nn
from torch.optim import SGD

from rotelab.training.learner import Learner


def build(image_shape: tuple[int, int, int], classes: int, depth: int = 1) -> nn.Sequential:
    size = prod(image_shape)
    hidden = [layer for _ in range(depth) for layer in (nn.Linear(size, size), nn.ReLU())]
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(size, classes))


class Plain(SGD):
    """Takes no options but these."""

    def __init__(self, parameters: Any, lr: float, weight_decay: float, momentum: float = 0.0) -> None:
        super().__init__(parameters, lr=lr, weight_decay=weight_decay, momentum=momentum)


class Mine(Callback):
    def __init__(self, value: float) -> None:
        self.value = value

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        learner.metrics["mine/train"] = self.value
