"""What a measure at the end of a run needs of its beginning."""

from copy import deepcopy
from typing import Any

from lightning import Callback, Trainer
from torch import Tensor, nn

from rotelab.measures.generalization_measures import without_softmax
from rotelab.training.learner import Learner


class InitialWeights(Callback):
    """A measure that remembers the weights, and buffers, before the first step."""

    initial: dict[str, Tensor]

    def state_dict(self) -> dict[str, Any]:
        return {"initial": self.initial}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.initial = {name: value.cpu() for name, value in state_dict["initial"].items()}

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        state = learner.network.state_dict()
        self.initial = {name: value.detach().cpu().clone() for name, value in state.items()}

    def networks(self, learner: Learner) -> tuple[nn.Module, nn.Module]:
        """The network and what it was, without the softmax at their end, where they have one."""
        initial = deepcopy(learner.network)
        initial.load_state_dict(self.initial)
        return without_softmax(learner.network), without_softmax(initial)
