"""Small runs that tests share: 20 images to learn, 12 to unlearn, for four epochs."""

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from lightning import Callback, Trainer
from torch import nn
from torch.optim import Adam
from toy import noise

from rotelab.data.batched import Batched
from rotelab.data.module import ImageData
from rotelab.data.parts import Part, Source
from rotelab.models.convnet5 import convnet5
from rotelab.objectives import Split
from rotelab.randomness import stream
from rotelab.training.evaluation import evaluate
from rotelab.training.learner import Learner
from rotelab.training.recipe import Outcome, Recipe
from rotelab.training.run import fit


class Measuring(Callback):
    """Looks at the network as a measure does, at every occasion."""

    def __init__(self) -> None:
        self.losses: list[float] = []

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        self.look(trainer, learner)

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        self.look(trainer, learner)

    def look(self, trainer: Trainer, learner: Learner) -> None:
        self.losses.append(evaluate(learner.network, *learner.data.splits["held_out"].evaluated)[1])


def source() -> Source:
    images = torch.randint(256, (44, 1, 4, 4), generator=stream("tests"), dtype=torch.uint8)
    return Source({"all": Part(images, torch.arange(44) % 2)}, ("even", "odd"))


def recipe(batch_size: int = 8, batch_order: str = "fixed", **changes: Any) -> Recipe:
    """20 images to learn, 12 to unlearn, for four epochs."""
    data = partial(
        ImageData,
        load=source,
        split={"train": "all[:20]", "pseudo_test": "all[20:32]", "held_out": "all[32:]"},
        prepare=noise(0.5),
        order="shuffled",
        order_seed=0,
        batch_size=batch_size,
        batch_order=batch_order,
        seed=changes.get("seed", 0),
    )
    defaults: dict[str, Any] = {
        "network": partial(convnet5, width=0.1),
        "objective": Split(),
        "optimizer": partial(Adam, lr=1e-3),
        "stop_accuracy": 1.1,
        "max_epochs": 4,
    }
    return Recipe(data=data, **(defaults | changes))


def beyond(data: Batched, name: str, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """So many images, and their labels, that follow a split in its part, where there are any."""
    found = data.beyond(name, count)
    assert found is not None
    images, labels = found
    return images[:], labels


def finished(ends: Iterable[Outcome | Exception]) -> list[Outcome]:
    """The ends of runs none of which has failed."""
    found = []
    for end in ends:
        assert isinstance(end, Outcome), end
        found.append(end)
    return found


def weights(made: Recipe, folder: Path, observers: Sequence[Callback] = ()) -> torch.Tensor:
    return vector(trained(made, folder, observers).network)


def trained(made: Recipe, folder: Path, observers: Sequence[Callback] = ()) -> Outcome:
    return fit(made, folder / "curve.csv", observers)


def vector(network: nn.Module) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in network.parameters()])
