"""Path norms: over all paths from the inputs to the outputs, the sum of products of their weights' powers."""

from copy import deepcopy

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rotelab.errors import Refusal
from rotelab.measures.folding import LAYERS, Folded, Unit

POSITIVE = (
    *(*LAYERS, Unit, nn.ReLU, nn.Flatten, nn.Identity, nn.Dropout, nn.Dropout2d),
    *(nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveMaxPool2d, nn.AdaptiveAvgPool2d),
)
"""Layers that take a multiple of positive inputs to the same multiple of their outputs, up to a bias."""


@torch.no_grad()
def path_norm(folded: Folded, image: Float[Tensor, "1 ..."], power: float = 2.0, biases: bool = True) -> float:
    """The sum of the outputs for an image of ones of the network whose weights and biases are ``|p|^power``.

    With a power of 2 the squared path norm of Neyshabur, Salakhutdinov and Srebro (2015), "Path-SGD", as Dziugaite et
    al. (2020) compute it: a bias is the end of paths of its own, and where there is pooling of maxima only paths
    through the largest count. Computed in float64. Raises Refusal, which names the layer, where the network has one
    that is neither linear, a ReLU nor pooling.
    """
    for name, module in folded.network.named_modules():
        if not [*module.children()] and not isinstance(module, POSITIVE):
            kind = type(module).__name__
            raise Refusal(f"{name} ({kind}) is neither linear, a ReLU nor pooling: paths through it have no weight")
    network = deepcopy(folded.network).double().cpu()
    for name, parameter in network.named_parameters():
        parameter.copy_(parameter.abs() ** power if biases or not name.endswith("bias") else 0 * parameter)
    return float(network(torch.ones(image.shape, dtype=torch.float64)).sum())
