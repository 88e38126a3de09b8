"""Parts of a network that are known to be there, of the kind that they are known to be."""

from typing import TypeVar

from torch import Tensor, nn

Kind = TypeVar("Kind", bound=nn.Module)


def part(network: nn.Module, path: str, kind: type[Kind]) -> Kind:
    """The module called ``path``, such as ``0.2``."""
    found = network.get_submodule(path)
    assert isinstance(found, kind)
    return found


def gradient(weight: Tensor) -> Tensor:
    """What a backward pass has left."""
    assert weight.grad is not None
    return weight.grad
