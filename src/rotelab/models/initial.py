"""How a network's weights are drawn, and which of its layers is the last."""

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd

from rotelab.errors import Refusal
from rotelab.models.locally_connected import LocallyConnected

LAYERS = (nn.Linear, _ConvNd)


def default(network: nn.Module) -> None:
    """As its layers draw them: those of torch from ``U(-1/sqrt(fan_in), 1/sqrt(fan_in))``."""


def he(network: nn.Module) -> None:
    """Weights of linear, convolutional and locally connected layers from ``N(0, 2 / fan_in)``, their biases 0 (He et
    al. 2015, Eq. (10)).

    Drawn anew from the global random state, in the order of the layers.
    """
    for layer in network.modules():
        if isinstance(layer, LAYERS):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, LocallyConnected):
            nn.init.normal_(layer.weight, std=(2 / layer.fan_in) ** 0.5)
            nn.init.zeros_(layer.bias)


def head(network: nn.Module) -> dict[str, nn.Parameter]:
    """Weight and bias of the last linear or convolutional layer, by their names in the network: what the classes are
    read from. Raises Refusal where there is none."""
    layers = {name: layer for name, layer in network.named_modules() if isinstance(layer, LAYERS)}
    if not layers:
        raise Refusal("this network has no linear or convolutional layer that could be its last")
    name, last = list(layers.items())[-1]
    return {f"{name}.{part}" if name else part: parameter for part, parameter in last.named_parameters(recurse=False)}


def scale_head(network: nn.Module, by: float) -> None:
    """Multiply the initial weights and biases of the last layer."""
    if by != 1:
        for parameter in head(network).values():
            parameter.data *= by


def scale_to(network: nn.Module, like: Mapping[str, Tensor]) -> None:
    """Multiply each parameter by a number, so that its Euclidean norm is that of the tensor of its name; one that is
    zero stays so."""
    for name, parameter in network.named_parameters():
        if norm := float(parameter.data.norm()):
            parameter.data *= float(like[name].norm()) / norm
