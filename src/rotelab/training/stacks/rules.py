"""What the layers of several networks of one architecture compute at once: a rule for each kind of layer.

Every tensor has a first dimension ``run``; the maps of a convolution lie in memory as one image of run x channel
channels, so that R convolutions are one with R groups, and pooling and batch norm need no copy. (``torch.func.vmap``
does the same with copies in between; here it took 1.6 times as long.)
"""

from collections.abc import Mapping, Sequence
from functools import singledispatch
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.resnet import BasicBlock, Bottleneck

from rotelab.errors import CannotStack
from rotelab.models.locally_connected import LocallyConnected
from rotelab.models.parameters import are_tied, trained
from rotelab.models.preact_resnet18 import PreActBlock
from rotelab.models.small_inception import Branches

Weights = Mapping[str, Tensor]
"""Parameters and buffers of a module by their names, each of them of all runs."""


@singledispatch
def forward(module: nn.Module, x: Float[Tensor, "run image ..."], weights: Weights) -> Float[Tensor, "run image ..."]:
    """What the modules of all runs make of their inputs; ``module`` is that of one of them, for its options and mode.

    Raises CannotStack for a kind of module that has no rule below.
    """
    raise CannotStack(f"no rule for a stack of {type(module).__name__}")


def check(network: nn.Module) -> None:
    """Raises CannotStack where a module of the network has no rule, or an option that its rule does not know."""
    if len(trained(network)) < len(list(network.parameters())):
        raise CannotStack("no rule for a stack of parameters that are not trained")
    if are_tied(network):
        raise CannotStack("no rule for a stack of networks that use weights twice")
    for module in network.modules():
        kind: Any = next(kind for kind in type(module).__mro__ if kind in forward.registry)
        if kind is object or type(module).forward is not kind.forward:  # it may compute something else
            raise CannotStack(f"no rule for a stack of {type(module).__name__}")
        if isinstance(module, nn.Conv2d) and (module.groups > 1 or module.padding_mode != "zeros"):
            raise CannotStack("no rule for a stack of convolutions with groups or other padding than zeros")
        if isinstance(module, nn.BatchNorm2d) and module.momentum is None:
            raise CannotStack("no rule for a stack of batch norms whose statistics are means over all batches")
        if isinstance(module, nn.Flatten) and (module.start_dim, module.end_dim) != (1, -1):
            raise CannotStack("Flatten of other dimensions than all but the image's")
        if isinstance(module, nn.Softmax) and module.dim != 1:
            raise CannotStack("Softmax over another dimension than the classes")


@forward.register
def _(module: nn.Sequential, x: Tensor, weights: Weights) -> Tensor:
    for name, part in module.named_children():
        x = forward(part, x, _below(weights, name))
    return x


@forward.register
def _(module: Branches, x: Tensor, weights: Weights) -> Tensor:
    return torch.cat([forward(part, x, _below(weights, name)) for name, part in module.named_children()], dim=2)


@forward.register
def _(module: BasicBlock, x: Tensor, weights: Weights) -> Tensor:
    def layer(name: str, x: Tensor) -> Tensor:
        return forward(getattr(module, name), x, _below(weights, name))

    y = layer("bn1", layer("conv1", x)).relu()
    y = layer("bn2", layer("conv2", y))
    return (y + (x if module.downsample is None else layer("downsample", x))).relu()


@forward.register
def _(module: Bottleneck, x: Tensor, weights: Weights) -> Tensor:
    def layer(name: str, x: Tensor) -> Tensor:
        return forward(getattr(module, name), x, _below(weights, name))

    y = layer("bn1", layer("conv1", x)).relu()
    y = layer("bn2", layer("conv2", y)).relu()
    y = layer("bn3", layer("conv3", y))
    return (y + (x if module.downsample is None else layer("downsample", x))).relu()


@forward.register
def _(module: PreActBlock, x: Tensor, weights: Weights) -> Tensor:
    def layer(name: str, x: Tensor) -> Tensor:
        return forward(getattr(module, name), x, _below(weights, name))

    active = layer("norm1", x).relu()
    kept = x if module.shortcut is None else layer("shortcut", active)
    return layer("conv2", layer("norm2", layer("conv1", active)).relu()) + kept


@forward.register
def _(module: nn.Linear, x: Tensor, weights: Weights) -> Tensor:
    matrices = weights["weight"].transpose(1, 2)
    return torch.baddbmm(weights["bias"][:, None], x, matrices) if "bias" in weights else torch.bmm(x, matrices)


@forward.register
def _(module: nn.Conv2d, x: Tensor, weights: Weights) -> Tensor:
    runs, shared = len(x), x.stride(0) == 0  # the same images for all runs: one convolution to many channels
    bias = weights["bias"].flatten() if "bias" in weights else None
    maps = functional.conv2d(
        x[0] if shared else _merged(x),
        weights["weight"].flatten(0, 1),
        bias,
        module.stride,
        module.padding,
        module.dilation,
        groups=1 if shared else runs,
    )
    return _apart(maps, runs)


@forward.register
def _(module: LocallyConnected, x: Tensor, weights: Weights) -> Tensor:
    patches = functional.unfold(x.flatten(0, 1), 3, padding=1, stride=module.stride).unflatten(0, x.shape[:2])
    maps = torch.einsum("rikp,rpok->riop", patches, weights["weight"]) + weights["bias"].mT[:, None]
    return maps.unflatten(3, module.sides)


@forward.register
def _(module: nn.BatchNorm2d, x: Tensor, weights: Weights) -> Tensor:
    flat = {name: weights[name].flatten() if name in weights else None for name in ("weight", "bias")}
    assert module.momentum is not None, "for which there is no rule"
    mean, variance = weights["running_mean"].flatten(), weights["running_var"].flatten()  # views, updated in place
    if module.training:
        weights["num_batches_tracked"].add_(1)
    maps = functional.batch_norm(
        _merged(x), mean, variance, flat["weight"], flat["bias"], module.training, module.momentum, module.eps
    )
    return _apart(maps, len(x))


@forward.register(nn.MaxPool2d)
@forward.register(nn.AdaptiveAvgPool2d)
def _(module: nn.Module, x: Tensor, weights: Weights) -> Tensor:
    return _apart(module(_merged(x)), len(x))


@forward.register
def _(module: nn.LocalResponseNorm, x: Tensor, weights: Weights) -> Tensor:
    return module(x.flatten(0, 1)).unflatten(0, x.shape[:2])


@forward.register
def _(module: nn.ReLU, x: Tensor, weights: Weights) -> Tensor:
    return x.relu()


@forward.register
def _(module: nn.Flatten, x: Tensor, weights: Weights) -> Tensor:
    return x.flatten(2)


@forward.register
def _(module: nn.Softmax, x: Tensor, weights: Weights) -> Tensor:
    return x.softmax(2)


def _below(weights: Weights, name: str) -> Weights:
    return {key.removeprefix(f"{name}."): value for key, value in weights.items() if key.startswith(f"{name}.")}


def _merged(x: Float[Tensor, "run image channel height width"]) -> Float[Tensor, "image channels height width"]:
    return x.transpose(0, 1).flatten(1, 2).contiguous(memory_format=torch.channels_last)


def _apart(
    maps: Float[Tensor, "image channels height width"], runs: int
) -> Float[Tensor, "run image channel height width"]:
    return maps.unflatten(1, (runs, -1)).transpose(0, 1)


def side_by_side(
    images: Sequence[Float[Tensor, "image channel height width"]],
) -> Float[Tensor, "run image channel height width"]:
    """The images of every run, in memory as a stack wants them."""
    return _apart(torch.cat([*images], dim=1), len(images))
