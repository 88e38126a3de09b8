"""Several networks of one architecture as one: their weights lie in one tensor each, and one pass computes them all.

A small network leaves a GPU waiting for its next kernel. Stacked, R of them launch as many kernels as one. Every tensor
has a first dimension ``run``; the maps of a convolution lie in memory as one image of run x channel channels, so that R
convolutions are one with R groups, and pooling and batch norm need no copy. (``torch.func.vmap`` does the same with
copies in between; here it took 1.6 times as long.)
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import singledispatch

import torch
from jaxtyping import Float, Int64, Shaped
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Optimizer
from torchvision.models.resnet import BasicBlock

from rotelab.errors import CannotStack
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
    for module in network.modules():
        kind = next(kind for kind in type(module).__mro__ if kind in forward.registry)
        if kind is object or type(module).forward is not kind.forward:  # it may compute something else
            raise CannotStack(f"no rule for a stack of {type(module).__name__}")
        if isinstance(module, nn.Conv2d) and (module.groups > 1 or module.padding_mode != "zeros"):
            raise CannotStack("no rule for a stack of convolutions with groups or other padding than zeros")
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
def _(module: nn.BatchNorm2d, x: Tensor, weights: Weights) -> Tensor:
    flat = {name: weights[name].flatten() if name in weights else None for name in ("weight", "bias")}
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


class Stack:
    """``groups`` of networks, one after another. Every group has ``parameters`` of its own, stacked, which an optimizer
    can step with options of its own; the networks' own parameters and buffers become views of the stacked ones, so that
    whoever looks at a network sees what it has become.

    Raises CannotStack where there is no rule for a layer.
    """

    def __init__(self, groups: Sequence[Sequence[nn.Module]]) -> None:
        self.groups = [list(group) for group in groups]
        check(self.networks[0])
        self.parameters = [
            {name: nn.Parameter(value) for name, value in _stacked(group, "named_parameters")} for group in self.groups
        ]
        self.buffers = dict(_stacked(self.networks, "named_buffers"))
        self._point()

    @property
    def networks(self) -> list[nn.Module]:
        return [network for group in self.groups for network in group]

    def train(self, mode: bool = True) -> None:
        for network in self.networks:
            network.train(mode)

    def __call__(
        self, images: Float[Tensor, "run image channel height width"], runs: Int64[Tensor, " run"] | None = None
    ) -> Float[Tensor, "run image class"]:
        """The outputs of every network for its images; of some ``runs`` by their numbers, if given."""
        weights = self.weights()
        if runs is None:
            return forward(self.networks[0], images, weights)
        chosen = {name: _placed(value.index_select(0, runs)) for name, value in weights.items()}
        outputs = forward(self.networks[0], images, chosen)
        for name, value in self.buffers.items():  # running statistics: no gradient of an earlier pass needs them
            value.data.index_copy_(0, runs, chosen[name])
        return outputs

    def weights(self) -> Weights:
        """Of all runs; a copy where there are several groups."""
        filled = [group for group in self.parameters if group]
        if len(filled) == 1:
            return {**filled[0], **self.buffers}
        return {name: _placed(torch.cat([group[name] for group in filled])) for name in filled[0]} | self.buffers

    def leave(self, leaving: Sequence[nn.Module], optimizer: Optimizer) -> None:
        """These networks go, with copies of their weights; the ``optimizer``, whose parameter groups are those of the
        stack, goes on with the others as if nothing had happened."""
        for network in leaving:
            for tensor in (*network.parameters(), *network.buffers()):
                tensor.data = tensor.data.clone()
        kept = [i for i, network in enumerate(self.networks) if network not in leaving]
        self.buffers = {name: value[kept] for name, value in self.buffers.items()}
        for group, parameters, options in zip(self.groups, self.parameters, optimizer.param_groups, strict=True):
            kept = [i for i, network in enumerate(group) if network not in leaving]
            for name, old in list(parameters.items()):
                state = optimizer.state.pop(old, {})
                if not kept:
                    del parameters[name]
                    continue
                parameters[name] = new = nn.Parameter(_placed(old.detach()[kept]))
                optimizer.state[new] = {
                    key: _placed(value[kept]) if value.shape == old.shape else value for key, value in state.items()
                }
            options["params"] = list(parameters.values())
            group[:] = [group[i] for i in kept]
        self._point()

    def _point(self) -> None:
        """The networks' own tensors at their parts of the stacked ones."""
        for group, parameters in zip(self.groups, self.parameters, strict=True):
            for i, network in enumerate(group):
                for name, parameter in network.named_parameters():
                    parameter.data = parameters[name].data[i]
        for i, network in enumerate(self.networks):
            for name, buffer in network.named_buffers():
                buffer.data = self.buffers[name][i]

    def gradients(self) -> None:
        """Give the networks' own parameters their parts of the gradient, as a backward pass of their own would."""
        for group, parameters in zip(self.groups, self.parameters, strict=True):
            for i, network in enumerate(group):
                for name, parameter in network.named_parameters():
                    parameter.grad = parameters[name].grad[i]


def _stacked(networks: Sequence[nn.Module], kind: str) -> Iterator[tuple[str, Tensor]]:
    each = [dict(getattr(network, kind)()) for network in networks]
    for name in each[0]:
        yield name, _placed(torch.stack([tensors[name].detach() for tensors in each]))


def _placed(values: Shaped[Tensor, "run ..."]) -> Shaped[Tensor, "run ..."]:
    """Filters lie channels-last, those of all runs as one convolution's."""
    if values.dim() != 5:
        return values.contiguous()
    filters = values.flatten(0, 1).contiguous(memory_format=torch.channels_last)
    return filters.unflatten(0, (len(values), -1))
