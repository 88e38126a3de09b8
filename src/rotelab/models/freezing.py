"""Which of a network's parameters are trained: the others stay as they began."""

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd

from rotelab.errors import Refusal
from rotelab.models.held import hold_others, layers
from rotelab.models.initial import head

PARTS = ("all", "batch_norm", "scattered", "head")


def train_only(network: nn.Module, part: str) -> None:
    """Freeze all parameters but those of a ``part``: ``all``, which freezes none; ``batch_norm``, the scales and shifts
    of its batch norms alone (Frankle, Schwab, Morcos 2021, "Training BatchNorm and Only BatchNorm"); ``scattered``,
    their control, two weights of each channel that a convolution makes, drawn by chance from the global random state:
    as many as its batch norm has; or ``head``, weights and biases of the last layer, a linear probe that descent fits.

    Running statistics of batch norm are no parameters: they follow the batches whatever is trained. Raises Refusal for
    a network without such parameters, and ValueError for another part.
    """
    if part not in PARTS:
        raise ValueError(f"part = {part!r} is none of {', '.join(PARTS)}")
    if part == "all":
        return
    missing = "no batch norm with a scale and a shift"
    if part == "head":
        kept = [*head(network).values()]
    elif part == "scattered":
        kept, missing = _scattered(network), "no convolution with weights"
    else:
        norms = (module for module in network.modules() if isinstance(module, _BatchNorm))
        kept = [parameter for module in norms for parameter in module.parameters(recurse=False)]
    if not kept:
        raise Refusal(f"this network has {missing} that could be trained alone")
    for parameter in network.parameters():
        parameter.requires_grad_(any(parameter is one for one in kept))


def _scattered(network: nn.Module) -> list[nn.Parameter]:
    """The weights of convolutions, of which all but two a channel are held."""
    made = {name: layer.get_parameter("weight") for name, layer in layers(network) if isinstance(layer, _ConvNd)}
    hold_others(network, {name: _drawn(weight) for name, weight in made.items()})
    return [*made.values()]


def _drawn(weight: Tensor) -> Tensor:
    """A mask of two entries of each row, or of all where there are fewer."""
    order = torch.rand(len(weight), weight[0].numel())
    chosen = order.topk(min(2, order.shape[1])).indices
    return torch.zeros_like(order, dtype=torch.bool).scatter_(1, chosen, True).view_as(weight)
