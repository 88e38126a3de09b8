"""The gradient of every example's loss, without keeping any: their sum, and the squared norm of each, by layer.

The sum is one backward pass of a batch. The norms come from what that pass has anyway: the inputs of each layer and the
slopes of the loss in its outputs, of which an example's gradient is a product (Goodfellow 2015, "Efficient per-example
gradient computations", for linear layers), or a sum of products over the places of a convolution.
"""

import warnings
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import partial, singledispatch

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call, grad, jvp, vmap
from torch.nn.functional import cross_entropy, unfold
from torch.nn.grad import conv2d_weight

from rotelab.data.batches import Labelled

AT_ONCE = 64
"""Examples of a batch: the memory that is needed grows with it, and not with the number of examples."""
LARGE = 2**23
"""Products in an example's gradient from which on a CPU forms the gradients of a convolution sooner one by one."""


@dataclass(frozen=True)
class Gradients:
    """Of m examples, by layer: the sum of their gradients, and the squared norm of each."""

    total: Mapping[str, Float[Tensor, " weight"]]
    squares: Mapping[str, Float[Tensor, " example"]]

    def __add__(self, other: "Gradients") -> "Gradients":
        """Of these and of other examples."""
        return Gradients(
            {layer: part + other.total[layer] for layer, part in self.total.items()},
            {layer: torch.cat([part, other.squares[layer]]) for layer, part in self.squares.items()},
        )


def gradients(network: nn.Module, batches: Iterable[Labelled]) -> Gradients:
    """Of the cross-entropy (nats) of every example at fixed weights, in eval mode; a copy of the network computes it.

    A layer is a module with parameters of its own. One that ``squared_norms`` has no rule for sends the whole network
    to ``torch.func``, which takes longer. Raises ValueError where a layer is used twice in a pass.
    """
    network = deepcopy(network).eval()
    layers = {name: module for name, module in network.named_modules() if _weights(module)}
    of_batch = _by_layer if all(map(_has_rule, layers.values())) else _by_example
    total: dict[str, Tensor] = {}
    squares: dict[str, list[Tensor]] = {name: [] for name in layers}
    for images, labels in batches:
        found = of_batch(network, layers, images, labels)
        for name, part in found.total.items():
            total[name] = total[name].add_(part) if name in total else part
            squares[name].append(found.squares[name])
    return Gradients(total, {name: torch.cat(parts) for name, parts in squares.items()})


def products(network: nn.Module, batches: Iterable[Labelled], along: Gradients) -> Float[Tensor, " example"]:
    """The scalar product of every example's gradient with the sum ``along``: its loss's derivative in that direction,
    which a forward pass gives."""
    network = deepcopy(network).eval()
    weights = {name: weight.detach() for name, weight in network.named_parameters()}
    direction: dict[str, Tensor] = {}
    for name, part in along.total.items():
        own = _weights(network.get_submodule(name))
        pieces = part.split([weight.numel() for weight in own.values()])
        named = (f"{name}.{key}" if name else key for key in own)
        direction |= {key: piece.view_as(weights[key]) for key, piece in zip(named, pieces, strict=True)}

    def slopes(images: Tensor, labels: Tensor) -> Tensor:
        def losses(weights: dict[str, Tensor]) -> Tensor:
            return cross_entropy(functional_call(network, weights, images), labels, reduction="none")

        return jvp(losses, (weights,), (direction,))[1]

    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message=".*torch.jit.*", category=FutureWarning
        )  # torch's own, against itself
        return torch.cat([slopes(*batch) for batch in batches])


def _weights(module: nn.Module) -> dict[str, nn.Parameter]:
    return dict(module.named_parameters(recurse=False))


def _by_layer(network: nn.Module, layers: Mapping[str, nn.Module], images: Tensor, labels: Tensor) -> Gradients:
    squares: dict[str, Tensor] = {}
    used: set[str] = set()

    def watch(name: str, layer: nn.Module, inputs: tuple[Tensor], outputs: Tensor) -> None:
        if name in used:
            raise ValueError(f"{name} ({type(layer).__name__}) is used twice in a pass: no measure of its gradients")
        used.add(name)
        outputs.register_hook(partial(note, name, layer, inputs[0].detach()))

    def note(name: str, layer: nn.Module, inputs: Tensor, slopes: Tensor) -> None:
        squares[name] = squared_norms(layer, inputs, slopes)

    hooks = [layer.register_forward_hook(partial(watch, name)) for name, layer in layers.items()]
    try:
        loss = cross_entropy(network(images), labels, reduction="sum")
        own = [list(_weights(layer).values()) for layer in layers.values()]
        parts = iter(torch.autograd.grad(loss, [weight for weights in own for weight in weights]))
    finally:
        for hook in hooks:
            hook.remove()
    total = {
        name: torch.cat([next(parts).flatten() for _ in weights]) for name, weights in zip(layers, own, strict=True)
    }
    return Gradients(total, {name: squares[name] for name in layers})


def _by_example(network: nn.Module, layers: Mapping[str, nn.Module], images: Tensor, labels: Tensor) -> Gradients:
    def loss(weights: dict[str, Tensor], image: Tensor, label: Tensor) -> Tensor:
        return cross_entropy(functional_call(network, weights, image[None]), label[None])

    weights = {name: weight.detach() for name, weight in network.named_parameters()}
    found = vmap(grad(loss), in_dims=(None, 0, 0))(weights, images, labels)
    by_layer = {
        name: torch.cat(
            [found[f"{name}.{key}" if name else key].reshape(len(labels), -1) for key in _weights(layer)], dim=1
        )
        for name, layer in layers.items()
    }
    return Gradients(
        {name: part.sum(dim=0) for name, part in by_layer.items()},
        {name: part.square().sum(dim=1) for name, part in by_layer.items()},
    )


@singledispatch
def squared_norms(layer: nn.Module, inputs: Tensor, slopes: Tensor) -> Float[Tensor, " example"]:
    """The squared norm of each example's gradient in a layer's own weights, in eval mode, from the ``inputs`` that the
    layer had and the ``slopes`` of the loss in its outputs."""
    raise NotImplementedError(type(layer).__name__)


def _has_rule(layer: nn.Module) -> bool:
    if isinstance(layer, nn.Conv2d):
        return layer.groups == 1 and layer.padding_mode == "zeros" and not isinstance(layer.padding, str)
    return squared_norms.dispatch(type(layer)) is not squared_norms.dispatch(object)


@squared_norms.register
def _(
    layer: nn.Linear, inputs: Float[Tensor, "example in"], slopes: Float[Tensor, "example out"]
) -> Float[Tensor, " example"]:
    squares = slopes.square().sum(dim=1)
    return squares * (inputs.square().sum(dim=1) + (layer.bias is not None))


@squared_norms.register
def _(
    layer: nn.BatchNorm2d,
    inputs: Float[Tensor, "example channel height width"],
    slopes: Float[Tensor, "example channel height width"],
) -> Float[Tensor, " example"]:
    mean, variance = layer.running_mean, layer.running_var
    assert mean is not None and variance is not None, "in eval mode it takes these"
    normalized = (inputs - mean[:, None, None]) / (variance + layer.eps).sqrt()[:, None, None]
    return (slopes * normalized).sum((2, 3)).square().sum(1) + slopes.sum((2, 3)).square().sum(1)


@squared_norms.register
def _(
    layer: nn.Conv2d,
    inputs: Float[Tensor, "example in height width"],
    slopes: Float[Tensor, "example out out_height out_width"],
) -> Float[Tensor, " example"]:
    """With U the patches that the kernel sees and G the slopes, a column a place, the gradient is G U'.

    Its squared norm is also the sum of (U' U) * (G' G), which is less work where there are few places.
    """
    assert not isinstance(layer.padding, str), "for which there is no rule"
    outputs, patch, places = len(layer.weight), layer.weight[0].numel(), slopes[0, 0].numel()
    of_bias = slopes.sum((2, 3)).square().sum(1) if layer.bias is not None else 0
    if inputs.device.type == "cpu" and outputs * patch * places >= LARGE:
        return of_bias + _formed_one_by_one(layer, inputs, slopes)
    patches = unfold(inputs, layer.kernel_size, layer.dilation, layer.padding, layer.stride)
    slopes = slopes.flatten(2)
    if places * (outputs + patch) < outputs * patch:
        return of_bias + ((patches.mT @ patches) * (slopes.mT @ slopes)).sum((1, 2))
    return of_bias + (slopes @ patches.mT).square().sum((1, 2))


def _formed_one_by_one(layer: nn.Conv2d, inputs: Tensor, slopes: Tensor) -> Float[Tensor, " example"]:
    """No patches are written out, which would take longer than the products."""
    formed = (
        conv2d_weight(image, layer.weight.shape, slope, layer.stride, layer.padding, layer.dilation)
        for image, slope in zip(inputs.split(1), slopes.split(1), strict=True)
    )
    return torch.stack([gradient.square().sum() for gradient in formed])
