"""What becomes of every single example: its loss and its margin, epoch by epoch.

The base of learning orders, of dataset cartography (Swayamdipta et al. 2020), of the area under the margin (Pleiss et
al. 2020) and of forgetting (Toneva et al. 2019).
"""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float, Int64
from lightning import Callback, Trainer
from torch import Tensor
from torch.nn.functional import cross_entropy

from rotelab.training.learner import Learner


def losses(outputs: Float[Tensor, "image class"], labels: Int64[Tensor, " image"]) -> Float[Tensor, " image"]:
    """Cross-entropy of each image, in nats; of a network with a softmax at its end in (1.46, 2.46] for ten classes."""
    return cross_entropy(outputs, labels, reduction="none")


def margins(outputs: Float[Tensor, "image class"], labels: Int64[Tensor, " image"]) -> Float[Tensor, " image"]:
    """The output for the label minus the greatest of the others: positive where the image is right, in units of what
    the network puts out (logits, or probabilities behind a softmax)."""
    own = outputs.gather(1, labels[:, None])
    others = outputs.scatter(1, labels[:, None], -torch.inf)
    return own[:, 0] - others.amax(dim=1)


class Examples(Callback):
    """Leaves in ``learner.arrays``, of each of the ``splits``, ``examples/<split>/loss`` and ``.../margin``: float32,
    epoch x image, epoch 0 before training; and ``.../label``, those that were learned. Images stand in the order of
    their split. It takes the outputs of the evaluation: no pass of its own.
    """

    def __init__(self, splits: Sequence[str]) -> None:
        self.splits = tuple(splits)
        self.found: dict[str, list[Tensor]] = {}

    def state_dict(self) -> dict[str, Any]:
        return {"found": self.found}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.found = {name: list(looks) for name, looks in state_dict["found"].items()}

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        self.found = {}
        self._look(learner)

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        self._look(learner)

    def _look(self, learner: Learner) -> None:
        for split in self.splits:
            if split in learner.outputs:
                labels = learner.data.splits[split].evaluated[1]
                for name, measure in (("loss", losses), ("margin", margins)):
                    value = measure(learner.outputs[split], labels).float()
                    self.found.setdefault(f"examples/{split}/{name}", []).append(value)  # the device isn't waited for

    def teardown(self, trainer: Trainer, learner: Learner, stage: str) -> None:
        learner.arrays |= {name: torch.stack(looks).cpu().numpy() for name, looks in self.found.items()}
        for split in self.splits:
            if split in learner.outputs:
                learner.arrays[f"examples/{split}/label"] = learner.data.splits[split].evaluated[1].cpu().numpy()
        self.found = {}
