"""Convolutions that share no weights: locality alone, one half of what a convolution knows of images."""

from math import prod

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import unfold

from rotelab.models.convolutional import of_three


class LocallyConnected(nn.Module):
    """``y[o, p] = b[p, o] + sum_k w[p, o, k] x[k, p]`` over the 3x3 patch x[., p] of each place p: a convolution with
    padding 1 whose kernels and biases are each place's own (LeCun 1989, "Generalization and Network Design Strategies",
    net 3). ``sides`` are height and width of the inputs.

    Weights and biases begin as those of ``nn.Conv2d``: from U(-1/sqrt(fan_in), 1/sqrt(fan_in)).
    """

    def __init__(self, inputs: int, outputs: int, sides: tuple[int, int], stride: int) -> None:
        super().__init__()
        self.stride, self.sides = stride, tuple(-(-side // stride) for side in sides)
        self.fan_in = 9 * inputs
        self.weight = nn.Parameter(torch.empty(prod(self.sides), outputs, self.fan_in))
        self.bias = nn.Parameter(torch.empty(prod(self.sides), outputs))
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -(self.fan_in**-0.5), self.fan_in**-0.5)

    def forward(self, x: Float[Tensor, "image channel height width"]) -> Float[Tensor, "image outputs ..."]:
        patches = unfold(x, 3, padding=1, stride=self.stride)
        maps = torch.einsum("ikp,pok->iop", patches, self.weight) + self.bias.T
        return maps.unflatten(2, self.sides)


def locally_connected(image_shape: tuple[int, int, int], classes: int, parameters: int) -> nn.Sequential:
    """``convolutional`` with a kernel of its own at each place, and fewer channels for as many ``parameters``: at 1x8x8
    and ten classes k channels have 180 k^2 + 700 k + 10, which is 25,010 with k = 10.

    Maps (image, *image_shape) to (image, classes). Raises Refusal as that does.
    """
    return of_three(image_shape, classes, parameters, LocallyConnected)
