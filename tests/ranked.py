"""Runs that several processes train: made by functions that can be pickled, and computed in float64."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from multiprocessing import get_context, get_start_method
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch
from runs import recipe
from torch import Tensor, distributed, nn
from torch.optim import SGD

from rotelab.data.image_folder import image_folder
from rotelab.data.module import ImageData
from rotelab.errors import InputError
from rotelab.models.mlp import mlp
from rotelab.training.recipe import Recipe
from rotelab.training.several import several

MLP = partial(mlp, widths=[8])


class InDouble(nn.Module):
    """A network whose inputs, weights and outputs are float64."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network.double()

    def forward(self, images: Tensor) -> Tensor:
        return self.network(images.double())


def in_double(build: Callable[..., nn.Module], image_shape: tuple[int, ...], classes: int) -> nn.Module:
    return InDouble(build(image_shape, classes))


def shared(
    images: Path, devices: int, storage: str = "memory", network: Callable[..., nn.Module] = MLP, **changes: Any
) -> Recipe:
    """20 images of a folder to learn in batches of 7, 7 and 6, 16 to unlearn in batches of 7, 7 and 2; their order is
    another in every epoch."""
    data = partial(
        ImageData,
        load=partial(image_folder, None, str(images), str(images.parent / "cache"), storage, "error"),
        split={"train": "train[:20]", "pseudo_test": "train[20:36]", "held_out": "test[:11]"},
        order="shuffled",
        order_seed=0,
        batch_size=7,
        batch_order="reshuffled",
        seed=0,
    )
    options: dict[str, Any] = {"network": partial(in_double, network), "optimizer": partial(SGD, lr=0.1, momentum=0.9)}
    options |= {"stop_accuracy": None, **changes}
    return replace(recipe(**options), data=data, devices=devices)


class Ends(nn.Module):
    """On the second device, in its fourth pass over a training batch: by a signal, or with a sentence."""

    def __init__(self, network: nn.Module, how: str) -> None:
        super().__init__()
        self.network, self.how, self.passes = network, how, 0

    def forward(self, images: Tensor) -> Tensor:
        self.passes += self.training
        if distributed.is_initialized() and distributed.get_rank() == 1 and self.passes > 3:
            if self.how == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            raise InputError("dog/3.png can't be read") if self.how == "unreadable" else ValueError("a fault")
        return self.network(images)


def ends(how: str, image_shape: tuple[int, int, int], classes: int) -> nn.Module:
    return Ends(MLP(image_shape, classes), how)


def says_how_others_start() -> Recipe:
    raise InputError(f"others start by {get_start_method()}")


def weights(network: nn.Module) -> dict[str, Tensor]:
    """And buffers."""
    return {name: tensor.detach().double() for name, tensor in network.state_dict().items()}


def distance(one: nn.Module, other: nn.Module) -> float:
    """The greatest difference of two networks' tensors."""
    ours, theirs = weights(one), weights(other)
    assert ours.keys() == theirs.keys()
    return max(float((ours[name] - theirs[name]).abs().max()) for name in ours)


torch.set_num_threads(1)


def blocked_later(make: Callable[..., Recipe], answer: Connection) -> None:
    """Sends which signals are blocked in a process that the same server starts after a run's own."""
    with several(partial(make, devices=2), 2, "cpu", False):
        pass
    later = get_context("forkserver").Process(target=_send_blocked, args=(answer,))
    later.start()
    later.join()


def _send_blocked(answer: Connection) -> None:
    answer.send(signal.pthread_sigmask(signal.SIG_BLOCK, []))
