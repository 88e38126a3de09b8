"""Which of a network's parameters are trained: the others stay as they began."""

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from rotelab.errors import Refusal
from rotelab.models.initial import head

PARTS = ("all", "batch_norm", "head")


def train_only(network: nn.Module, part: str) -> None:
    """Freeze all parameters but those of a ``part``: ``all``, which freezes none; ``batch_norm``, the scales and shifts
    of its batch norms alone (Frankle, Schwab, Morcos 2021, "Training BatchNorm and Only BatchNorm"); or ``head``,
    weights and biases of the last layer, a linear probe that descent fits.

    Running statistics of batch norm are no parameters: they follow the batches whatever is trained. Raises Refusal for
    a network without such parameters, and ValueError for another part.
    """
    if part not in PARTS:
        raise ValueError(f"part = {part!r} is none of {', '.join(PARTS)}")
    if part == "all":
        return
    if part == "head":
        kept = [*head(network).values()]
    else:
        norms = (module for module in network.modules() if isinstance(module, _BatchNorm))
        kept = [parameter for module in norms for parameter in module.parameters(recurse=False)]
    if not kept:
        raise Refusal("this network has no batch norm with a scale and a shift that could be trained alone")
    for parameter in network.parameters():
        parameter.requires_grad_(any(parameter is one for one in kept))
