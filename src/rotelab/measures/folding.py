"""A network of convolutions and linear layers alone: each batch norm becomes a part of the layer before it."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.modules.batchnorm import _BatchNorm

from rotelab.errors import Refusal
from rotelab.models.parameters import are_lazy

Layer = nn.Conv2d | nn.Linear
LAYERS = (nn.Conv2d, nn.Linear)


class Unit(nn.Module):
    """What is left of a batch norm: a scale of 1 and a shift of 0 for each channel, which noise may move."""

    def __init__(self, norm: _BatchNorm) -> None:
        super().__init__()
        assert norm.running_mean is not None, "a norm without statistics is refused"
        self.weight = nn.Parameter(torch.ones_like(norm.running_mean))
        self.bias = nn.Parameter(torch.zeros_like(norm.running_mean))

    def forward(self, maps: Float[Tensor, "image channel *place"]) -> Float[Tensor, "image channel *place"]:
        shape = (-1, *[1] * (maps.ndim - 2))
        return maps * self.weight.view(shape) + self.bias.view(shape)


@dataclass(frozen=True)
class Folded:
    """A network in eval mode without batch norm, its layers, and what the convolutions among them look at."""

    network: nn.Module
    layers: dict[str, Layer]
    """By name, those of equal weights once."""
    sides: dict[str, tuple[int, int]]
    """Height and width of the images that a convolution gets."""

    @property
    def weights(self) -> dict[str, Tensor]:
        """Of the layers, without biases, in float64 on the CPU."""
        return {name: layer.weight.detach().double().cpu() for name, layer in self.layers.items()}

    def outputs(self, parameters: Mapping[str, Tensor], images: Tensor) -> Tensor:
        """With these instead of the parameters of the same names."""
        return functional_call(self.network, dict(parameters), (images,))

    def having(self, parameters: Mapping[str, Tensor]) -> nn.Module:
        """The network with these instead."""
        return _With(self.network, parameters)

    def parameters(self, units: bool = False) -> dict[str, Tensor]:
        """Weights and biases by name; with ``units`` scale and shift of the folded batch norms too."""
        left = {name for name, module in self.network.named_modules() if isinstance(module, Unit)}
        named = self.network.named_parameters()
        return {name: value.detach() for name, value in named if units or name.rpartition(".")[0] not in left}


class _With(nn.Module):
    def __init__(self, network: nn.Module, parameters: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.network, self.other = network, parameters

    def forward(self, images: Tensor) -> Tensor:
        return functional_call(self.network, dict(self.other), (images,))


@torch.no_grad()
def fold(network: nn.Module, image: Float[Tensor, "1 ..."]) -> Folded:
    """A copy of ``network`` in which batch norm ``g (y - mean) / sqrt(var + eps) + b`` is part of the convolution or
    the linear layer that y comes from: its weights times ``g / sqrt(var + eps)``, its bias moved accordingly.

    Which layer that is, and what sides its images have, a pass of ``image`` shows. Raises Refusal, which names the
    layer, for weights of any other kind, groups, a batch norm that follows no layer or has no statistics, and where the
    copy computes something else.
    """
    if are_lazy(network):
        raise Refusal("this network has a lazy layer without weights: show it an input first")
    folded = deepcopy(network).eval()
    norms = {name: module for name, module in folded.named_modules() if isinstance(module, _BatchNorm)}
    for name, module in folded.named_modules():
        _check(name, module)
    outputs, sources, sides = _traced(folded, image)
    for name, norm in norms.items():
        if name not in sources:
            raise Refusal(f"{name} ({type(norm).__name__}) follows no layer that it could be a part of")
        _absorb(sources[name], norm)
        parent, _, child = name.rpartition(".")
        setattr(folded.get_submodule(parent), child, Unit(norm))
    found, scale = folded(image), outputs.abs().max()
    if scale.isfinite() and not torch.allclose(found, outputs, rtol=0, atol=1e-3 * float(scale)):
        raise Refusal("a batch norm can't be folded: what it normalizes is used elsewhere as well")
    layers = {name: module for name, module in folded.named_modules() if isinstance(module, LAYERS)}
    if not layers:
        raise Refusal("this network has no convolution and no linear layer")
    return Folded(folded, layers, sides)


def _check(name: str, module: nn.Module) -> None:
    kind = type(module).__name__
    if isinstance(module, _BatchNorm):
        if module.running_mean is None:
            raise Refusal(f"{name} ({kind}) has no running statistics: examples of a batch mix")
        return
    own = [*module.parameters(recurse=False)]
    known = any(isinstance(module, layer) and type(module).forward is layer.forward for layer in LAYERS)
    if own and not known:
        raise Refusal(f"{name} ({kind}) has weights and is neither a convolution of images nor a linear layer")
    if isinstance(module, nn.Conv2d) and module.groups > 1:
        raise Refusal(f"{name} ({kind}) has {module.groups} groups: no measure here knows them")


def _traced(network: nn.Module, image: Tensor) -> tuple[Tensor, dict[str, Layer], dict[str, tuple[int, int]]]:
    """The outputs for an image, the layer before each batch norm, and the sides of what convolutions get."""
    made: list[tuple[Tensor, Layer]] = []
    sources: dict[str, Layer] = {}
    sides: dict[str, tuple[int, int]] = {}

    def of_layer(name: str, layer: Layer) -> Callable[..., None]:
        def note(_: nn.Module, inputs: tuple[Tensor], outputs: Tensor) -> None:
            made.append((outputs, layer))
            if isinstance(layer, nn.Conv2d):
                sides[name] = (inputs[0].shape[-2], inputs[0].shape[-1])

        return note

    def of_norm(name: str) -> Callable[..., None]:
        def note(_: nn.Module, inputs: tuple[Tensor]) -> None:
            source = next((layer for outputs, layer in made if outputs is inputs[0]), None)
            if source is not None and source not in sources.values():  # a layer has one batch norm
                sources[name] = source

        return note

    hooks = [*_hooked(network, of_layer, of_norm)]
    try:
        return network(image), sources, sides
    finally:
        for hook in hooks:
            hook.remove()


def _hooked(
    network: nn.Module, of_layer: Callable[[str, Layer], Callable], of_norm: Callable[[str], Callable]
) -> Iterator[torch.utils.hooks.RemovableHandle]:
    for name, module in network.named_modules():
        if isinstance(module, LAYERS):
            yield module.register_forward_hook(of_layer(name, module))
        elif isinstance(module, _BatchNorm):
            yield module.register_forward_pre_hook(of_norm(name))


def _absorb(layer: Layer, norm: _BatchNorm) -> None:
    mean, variance = norm.running_mean, norm.running_var
    assert mean is not None and variance is not None, "a norm without statistics is refused"
    scale = (variance + norm.eps).rsqrt() * (1 if norm.weight is None else norm.weight)
    shift = mean.new_zeros(mean.shape) if norm.bias is None else norm.bias
    bias = 0 if layer.bias is None else layer.bias
    layer.weight = nn.Parameter(layer.weight * scale.view(-1, *[1] * (layer.weight.ndim - 1)))
    layer.bias = nn.Parameter(shift + (bias - mean) * scale)
