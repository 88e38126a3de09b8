"""The same convolutions on more channels, the added ones zero: tensor cores want multiples of eight.

convnet5 has 60 channels after its first layer. With four more whose weights and biases are zero, the ReLU and the
layer after it see zeros there; neither the outputs nor any gradient of the 60 change, and the gradients of the added
weights are zero as well, so that a network that had them as parameters would keep them at zero.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import pad

CHAIN = (nn.Conv2d, nn.ReLU, nn.MaxPool2d)
"""Convolutions, and layers that compute each channel by itself and leave one of zeros at zero."""


def padded(
    network: nn.Module, multiple: int
) -> Callable[[Float[Tensor, "image channel height width"]], Float[Tensor, "image class"]]:
    """What ``network`` computes, with the outputs of its convolutions padded to a ``multiple`` of channels.

    Parameters stay as they are: the padding is added to them in every pass. The network itself where there is nothing
    to pad, or where it does not begin as a chain of several convolutions with ReLUs and pooling.
    """
    layers = _flattened(network)
    first_other = next((i for i, at in enumerate(layers) if type(at) not in CHAIN), len(layers))
    chain, rest = layers[:first_other], layers[first_other:]
    convolutions = [layer for layer in chain if isinstance(layer, nn.Conv2d)]
    simple = all(layer.groups == 1 and layer.padding_mode == "zeros" for layer in convolutions)
    if not simple or len(convolutions) < 2 or all(layer.out_channels % multiple == 0 for layer in convolutions):
        return network

    def forward(images: Float[Tensor, "image channel height width"]) -> Float[Tensor, "image class"]:
        maps = images
        for layer in chain:
            maps = _convolved(layer, maps, multiple) if isinstance(layer, nn.Conv2d) else layer(maps)
        outputs = maps[:, : convolutions[-1].out_channels]
        for layer in rest:
            outputs = layer(outputs)
        return outputs

    return forward


def _flattened(network: nn.Module) -> list[nn.Module]:
    """The layers of a chain of chains; a network that is none is its only layer."""
    if type(network) is nn.Sequential:
        return [layer for part in network for layer in _flattened(part)]
    return [network]


def _convolved(
    layer: nn.Conv2d, maps: Float[Tensor, "image channel height width"], multiple: int
) -> Float[Tensor, "image out_channel out_height out_width"]:
    more, arriving = -layer.out_channels % multiple, maps.shape[1] - layer.in_channels
    weight = pad(layer.weight, (0, 0, 0, 0, 0, arriving, 0, more))
    weight = weight.contiguous(memory_format=torch.channels_last)
    bias = None if layer.bias is None else pad(layer.bias, (0, more))
    return nn.functional.conv2d(maps, weight, bias, layer.stride, layer.padding, layer.dilation)
