"""What is asked of anybody's network: which parameters it has, and that a look leaves it in the mode that it was in."""

from collections.abc import Generator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedParameter


def trained(network: nn.Module) -> dict[str, nn.Parameter]:
    """Those that are not frozen, by name, each once."""
    return {name: parameter for name, parameter in network.named_parameters() if parameter.requires_grad}


def are_tied(network: nn.Module) -> bool:
    """Whether a parameter has several names."""
    return len(list(network.named_parameters(remove_duplicate=False))) > len(list(network.parameters()))


def are_lazy(network: nn.Module) -> bool:
    """Whether a parameter gets its size from the first input that is still to come."""
    return any(isinstance(parameter, UninitializedParameter) for parameter in network.parameters())


def materialize(network: nn.Module, inputs: Tensor) -> None:
    """Give lazy layers their sizes, from ``inputs``; in eval mode, as batch norm and dropout are to see and draw
    nothing."""
    if are_lazy(network):
        with torch.no_grad(), in_eval_mode(network):
            network(inputs)


@contextmanager
def in_eval_mode(network: nn.Module) -> Generator[None, None, None]:
    """Afterwards each module is in the mode that it was in: one may have been frozen on purpose."""
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
