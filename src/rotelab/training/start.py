"""What a network begins as: its weights and buffers; the optimizer and all counts begin anew."""

from pathlib import Path

from torch import nn

from rotelab.results import networks
from rotelab.training.saving import put


def random(network: nn.Module) -> None:
    """As its seed has drawn it."""


def run(network: nn.Module, folder: str, epoch: int | None = None) -> None:
    """As another run was after an epoch, None for its end, which it has kept in its folder.

    Raises NetworkError where that is a network of other names or shapes, and InputError where there is none.
    """
    path, _ = networks.find(Path(folder).expanduser(), epoch)
    put(network, path)
