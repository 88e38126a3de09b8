"""What a network takes every image for, learned or held out: a mean over its training."""

from typing import Any

from lightning import Callback, Trainer
from torch import Tensor

from rotelab.training.learner import Learner


class Outlook(Callback):
    """Leaves in ``learner.arrays``, of each of the ``splits``, ``outlook/<split>``: float32, image x class, the mean
    over epochs 1, 2, ... of the network's probabilities, in which epoch t counts t times. It takes the outputs of the
    evaluation: no pass of its own."""

    def __init__(self, splits: tuple[str, ...]) -> None:
        self.splits = splits
        self.sums: dict[str, Tensor] = {}

    def state_dict(self) -> dict[str, Any]:
        return {"sums": self.sums}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.sums = dict(state_dict["sums"])

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        for split in self.splits:
            weighted = (trainer.current_epoch + 1) * learner.outputs[split].softmax(dim=1)
            self.sums[split] = self.sums[split] + weighted if split in self.sums else weighted

    def teardown(self, trainer: Trainer, learner: Learner, stage: str) -> None:
        for split, total in self.sums.items():
            learner.arrays[f"outlook/{split}"] = (total / total.sum(dim=1, keepdim=True)).cpu().numpy()
        self.sums = {}
