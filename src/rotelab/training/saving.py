"""Networks as files: their weights and buffers, and what is needed to use them again."""

import json
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lightning import Callback, Trainer
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor, contiguous_format, nn

from rotelab.data.whitening import Whitening
from rotelab.errors import NetworkError, Notice
from rotelab.files import write
from rotelab.results import networks
from rotelab.training.learner import Learner

MEAN, MATRIX = OURS = ("rotelab:whitening.mean", "rotelab:whitening.matrix")
"""Names of tensors that are not the network's, in the file of one whose images were whitened."""


def content(network: nn.Module, about: Mapping[str, Any], whitening: Whitening | None = None) -> bytes:
    """Of a file: parameters and buffers by name, a tied one under its first, how its images were whitened, and
    ``about`` in its header.

    Raises NetworkError where the network has a state that is no plain tensor.
    """
    state = network.state_dict()
    try:
        kept = {name: state[name].detach().cpu().clone(memory_format=contiguous_format) for name in _first_names(state)}
        if whitening:
            kept |= {MEAN: whitening.mean, MATRIX: whitening.matrix}
        return save(kept, {networks.ABOUT: json.dumps(about)})
    except (SafetensorError, AttributeError, RuntimeError, KeyError, ValueError) as error:
        raise NetworkError(f"save: this network's state can't be kept as plain tensors: {error}") from error


def put(network: nn.Module, path: Path) -> None:
    """Give a network the parameters and buffers of a file, by their names.

    Raises NetworkError, and leaves it as it is, where these are not its own, or of other shapes.
    """
    kept = {name: tensor for name, tensor in load_file(path).items() if name not in OURS}
    own = network.state_dict()
    for name in kept.keys() | _first_names(own):
        here, there = (_shape(tensors, name) for tensors in (own, kept))
        if here != there:
            raise NetworkError(f"{path} does not fit the network that is built: {name} is {there} there, {here} here")
    network.load_state_dict(kept, strict=False)  # tied ones have one of their names there


def whitening(path: Path) -> Whitening | None:
    """How the images of a file's network were whitened, where they were."""
    with safe_open(path, "pt") as opened:
        return Whitening(*map(opened.get_tensor, OURS)) if MEAN in opened.keys() else None  # noqa: SIM118


def _first_names(state: Mapping[str, Tensor]) -> Iterable[str]:
    """Without those under which a tensor is met once more."""
    first: dict[object, str] = {}
    for name, tensor in state.items():
        tied = tensor.numel() and (tensor.data_ptr(), tensor.shape, tensor.stride())
        first.setdefault(tied or name, name)
    return first.values()


def _shape(tensors: Mapping[str, Tensor], name: str) -> str:
    return "x".join(map(str, tensors[name].shape)) or "a number" if name in tensors else "absent"


class Saver(Callback):
    """Keeps a run's network in its ``folder`` after the epochs that are ``wanted``, None for the end, with what is said
    of it besides: ``about`` and what the data are.

    What can't be kept is said before the first step. ``softmax``: the layer at the end, which is no part of what is
    kept.
    """

    def __init__(self, folder: Path, wanted: Iterable[int | None], softmax: bool, about: Mapping[str, Any]) -> None:
        self.folder, self.wanted, self.softmax, self.about = folder, set(wanted), softmax, about
        self.epoch = 0

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        found = self._content(trainer, learner)
        if 0 in self.wanted:
            write(networks.file(self.folder, 0), found)

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        if not self.epoch:
            self._say_missed(trainer.current_epoch)
        self.epoch = trainer.current_epoch + 1
        if self.epoch in self.wanted:
            write(networks.file(self.folder, self.epoch), self._content(trainer, learner))

    def teardown(self, trainer: Trainer, learner: Learner, stage: str) -> None:
        if None in self.wanted:
            write(networks.file(self.folder), self._content(trainer, learner))

    def _say_missed(self, begins_after: int) -> None:
        """Of a run that goes on from an epoch, and was not to keep what it is to keep now."""
        before = sorted(epoch for epoch in self.wanted if epoch is not None and epoch <= begins_after)
        if missed := [str(epoch) for epoch in before if not networks.file(self.folder, epoch).exists()]:
            warnings.warn(
                f"{self.folder}: this run goes on from epoch {begins_after}; what it was after epoch "
                f"{', '.join(missed)} was not kept",
                Notice,
                stacklevel=2,
            )

    def _content(self, trainer: Trainer, learner: Learner) -> bytes:
        data = {"image_shape": learner.data.image_shape, "classes": learner.data.classes}
        network = learner.network.get_submodule("0") if self.softmax else learner.network
        about = {**self.about, **data, "epoch": self.epoch, "step": trainer.global_step}
        return content(network, about, learner.data.whitening)
