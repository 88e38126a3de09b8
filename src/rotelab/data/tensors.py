"""Tensors of one's own, instead of a source of images: inputs of any shape."""

from collections.abc import Mapping

import torch
from jaxtyping import Int64, Shaped
from torch import Tensor

from rotelab.data import splits
from rotelab.data.batched import Batched
from rotelab.data.split import Split, on_device
from rotelab.errors import InputError

Given = tuple[Shaped[Tensor, "input ..."], Int64[Tensor, " input"]]
"""Inputs as the network gets them, and labels, 0 to classes - 1."""


class TensorData(Batched):
    """The splits ``train``, ``pseudo_test`` and perhaps ``held_out``, as they are given; where they are ``paired``, a
    pseudo-test input stays beside its train input.

    Raises InputError for splits of other names, of different shapes, or without an input.
    """

    def __init__(
        self,
        given: Mapping[str, Given],
        batch_size: int = 64,
        batch_order: str = "reshuffled",
        seed: int = 0,
        device: torch.device | str = "cpu",
        paired: bool = False,
    ) -> None:
        super().__init__(batch_size, batch_order, seed, device)
        if not {"train", "pseudo_test"} <= set(given) <= set(splits.NAMES):
            raise InputError(f"tensors of {', '.join(given)}: train and pseudo_test are needed, held_out may be given")
        shapes = {tuple(inputs.shape[1:]) for inputs, _ in given.values()}
        if len(shapes) > 1:
            raise InputError(f"inputs of all splits need one shape, and they have {sorted(shapes)}")
        for name, (inputs, labels) in given.items():
            if len(inputs) != len(labels) or not len(labels):
                raise InputError(f"{name}: {len(inputs)} inputs and {len(labels)} labels")
            if labels.min() < 0:
                raise InputError(f"{name}: labels are 0 to classes - 1, and one is {int(labels.min())}")
        self.given, self.paired = given, paired

    def setup(self, stage: str | None = None) -> None:
        self.classes = tuple(map(str, range(1 + max(int(labels.max()) for _, labels in self.given.values()))))
        self.splits = {name: self._split(*given) for name, given in self.given.items()}

    def _split(self, inputs: Tensor, labels: Tensor) -> Split:
        images = inputs.ndim == 4
        both = on_device(inputs, self.device) if images else inputs.to(self.device), labels.to(self.device)
        return Split(both, both, torch.zeros(len(labels), dtype=torch.bool, device=self.device), {}, streamed=False)
