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
from math import frexp
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call, grad, jvp, vmap
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import unfold
from torch.nn.grad import conv2d_weight

from rotelab.data.batches import Labelled
from rotelab.errors import Refusal
from rotelab.measures.losses import Loss, nats, one_an_example
from rotelab.models.parameters import are_lazy, are_tied, trained

AT_ONCE = 64
"""Examples of a batch: the memory that is needed grows with it, and not with the number of examples."""
TINY = 1e-30
"""Squares below are on their way out of float32: they are taken in float64."""
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


def gradients(network: nn.Module, batches: Iterable[Labelled], loss: Loss = nats) -> Gradients:
    """Of the ``loss`` of every example at fixed weights, in eval mode; a copy of the network computes it.

    A layer is a module with parameters of its own that are trained; weights of several modules are of the first. A
    network with a layer that ``squared_norms`` has no rule for, that is used twice in a pass, or whose weights are
    another's as well, is left to ``torch.func``, which takes longer, and one that this can't take to a loop over the
    examples. Raises Refusal where examples mix: batch norm without running statistics.
    """
    check_apart(network)
    network = deepcopy(network).eval()
    layers = _layers(network)
    if not layers:
        raise Refusal("this network has no parameter that is trained")
    known = all(map(_has_rule, layers.values())) and not are_tied(network)
    loss = one_an_example(loss)
    total: dict[str, Tensor] = {}
    squares: dict[str, list[Tensor]] = {name: [] for name in layers}
    for images, labels in batches:
        try:
            found = (_by_layer if known else _by_example)(network, layers, images, labels, loss)
        except _UsedTwice:
            known, found = False, _by_example(network, layers, images, labels, loss)
        for name, part in found.total.items():
            total[name] = total[name].add_(part) if name in total else part
            squares[name].append(found.squares[name])
    return Gradients(total, {name: torch.cat(parts) for name, parts in squares.items()})


class _UsedTwice(Exception):
    """A layer of which a pass has several inputs, or none that is seen: its gradient is no product of one of them."""


def check_apart(network: nn.Module) -> None:
    """Raises Refusal where in eval mode an example's output depends on the others of its batch, and where a lazy
    layer has not seen any."""
    if are_lazy(network):
        raise Refusal("this network has a lazy layer without weights: show it an input first")
    for name, module in network.named_modules():
        if getattr(module, "running_mean", 0) is None and not getattr(module, "track_running_stats", True):
            raise Refusal(f"{name} ({type(module).__name__}) has no running statistics: examples of a batch mix")


def _layers(network: nn.Module) -> dict[str, nn.Module]:
    """Those with weights of their own that are trained; of weights that several share, the first."""
    seen: set[int] = set()
    found = {}
    for name, module in network.named_modules():
        own = {id(weight) for weight in _weights(module).values()}
        if own - seen:
            found[name] = module
        seen |= own
    return found


def products(
    network: nn.Module, batches: Iterable[Labelled], along: Gradients, loss: Loss = nats
) -> Float[Tensor, " example"]:
    """The scalar product of every example's gradient with the sum ``along``: its loss's derivative in that direction,
    which a forward pass gives."""
    network = deepcopy(network).eval()
    weights = {name: weight.detach() for name, weight in trained(network).items()}
    direction: dict[str, Tensor] = {}
    largest = max(float(part.abs().max()) for part in along.total.values())
    scale = 2.0 ** -frexp(largest)[1] if 0 < largest < TINY**0.5 else 1.0  # exact; products of both would be lost
    for name, part in along.total.items():
        own = _named(name, network.get_submodule(name), weights)
        pieces = part.split([weights[key].numel() for key in own])
        direction |= {key: scale * piece.view_as(weights[key]) for key, piece in zip(own, pieces, strict=True)}

    def slopes(images: Tensor, labels: Tensor) -> Tensor:
        def losses(weights: dict[str, Tensor]) -> Tensor:
            return loss(functional_call(network, weights, images), labels)

        try:
            return jvp(losses, (weights,), (direction,))[1]
        except (RuntimeError, NotImplementedError):  # no forward derivative, as of some attention
            one_by_one = (losses_of(image[None], label[None]) for image, label in zip(images, labels, strict=True))
            return torch.stack([*one_by_one])

    def losses_of(image: Tensor, label: Tensor) -> Tensor:
        def of_one(weights: dict[str, Tensor]) -> Tensor:
            return loss(functional_call(network, weights, image), label).sum()

        found = grad(of_one)(weights)
        return torch.stack([(part * direction[name]).sum() for name, part in found.items()]).sum()

    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message=".*torch.jit.*", category=FutureWarning
        )  # torch's own, against itself
        found = torch.cat([slopes(*batch) for batch in batches])
    return found if scale == 1 else found.double() / scale


def _named(name: str, layer: nn.Module, weights: Mapping[str, Tensor]) -> list[str]:
    """The names in the network of a layer's weights that are trained and that no layer before it has."""
    keys = (f"{name}.{key}" if name else key for key in _weights(layer))
    return [key for key in keys if key in weights]


def _weights(module: nn.Module) -> dict[str, nn.Parameter]:
    own = module.named_parameters(recurse=False)
    return {name: weight for name, weight in own if weight.requires_grad}


def _by_layer(
    network: nn.Module, layers: Mapping[str, nn.Module], images: Tensor, labels: Tensor, loss: Loss
) -> Gradients:
    squares: dict[str, Tensor] = {}
    used: set[str] = set()

    def watch(name: str, layer: nn.Module, inputs: tuple[Tensor], outputs: Tensor) -> None:
        if name in used or len(inputs[0]) != len(labels):  # examples do not lie along the first axis
            raise _UsedTwice
        used.add(name)
        outputs.register_hook(partial(note, name, layer, inputs[0].detach()))

    def note(name: str, layer: nn.Module, inputs: Tensor, slopes: Tensor) -> None:
        squares[name] = squared_norms(layer, inputs, slopes)
        if (squares[name] < TINY).any():
            squares[name] = squared_norms(layer, inputs.double(), slopes.double())

    hooks = [layer.register_forward_hook(partial(watch, name)) for name, layer in layers.items()]
    try:
        summed = loss(network(images), labels).sum()
        own = [list(_weights(layer).values()) for layer in layers.values()]
        weights = [weight for weights in own for weight in weights]
        parts = iter(torch.autograd.grad(summed, weights, allow_unused=True, materialize_grads=True))
    finally:
        for hook in hooks:
            hook.remove()
    total = {
        name: torch.cat([next(parts).flatten() for _ in weights]) for name, weights in zip(layers, own, strict=True)
    }
    if any(part.any() for name, part in total.items() if name not in squares):
        raise _UsedTwice  # its weights are, in a pass that does not call it
    unused = torch.zeros(len(labels), device=summed.device)
    return Gradients(total, {name: squares.get(name, unused) for name in layers})


def _by_example(
    network: nn.Module, layers: Mapping[str, nn.Module], images: Tensor, labels: Tensor, loss: Loss
) -> Gradients:
    weights = {name: weight.detach() for name, weight in trained(network).items()}

    def of_one(weights: dict[str, Tensor], image: Tensor, label: Tensor) -> Tensor:
        return loss(functional_call(network, weights, image[None]), label[None]).sum()

    try:
        with sdpa_kernel(SDPBackend.MATH):  # the one way to compute attention that takes a batch of weights' slopes
            found = vmap(grad(of_one), in_dims=(None, 0, 0))(weights, images, labels)
    except (RuntimeError, ValueError, NotImplementedError):  # what depends on values, or changes them in place
        each = [grad(of_one)(weights, image, label) for image, label in zip(images, labels, strict=True)]
        found = {name: torch.stack([one[name] for one in each]) for name in weights}
    by_layer = {
        name: torch.cat([found[key].reshape(len(labels), -1) for key in _named(name, layer, weights)], dim=1)
        for name, layer in layers.items()
    }
    squares = {name: part.square().sum(dim=1) for name, part in by_layer.items()}
    for name, part in by_layer.items():
        if (squares[name] < TINY).any():
            squares[name] = part.double().square().sum(dim=1)
    return Gradients({name: part.sum(dim=0) for name, part in by_layer.items()}, squares)


@singledispatch
def squared_norms(layer: nn.Module, inputs: Tensor, slopes: Tensor) -> Float[Tensor, " example"]:
    """The squared norm of each example's gradient in a layer's own weights, in eval mode, from the ``inputs`` that the
    layer had and the ``slopes`` of the loss in its outputs."""
    raise NotImplementedError(type(layer).__name__)


def _has_rule(layer: nn.Module) -> bool:
    if not all(weight.requires_grad for weight in layer.parameters(recurse=False)):  # of which a part is trained
        return False
    kind: Any = next(kind for kind in type(layer).__mro__ if kind in squared_norms.registry)
    if type(layer).forward is not getattr(kind, "forward", None) or layer._forward_pre_hooks:
        return False  # it may compute something else
    if isinstance(layer, nn.Conv2d):
        return layer.groups == 1 and layer.padding_mode == "zeros" and not isinstance(layer.padding, str)
    return True


@squared_norms.register
def _(
    layer: nn.Linear, inputs: Float[Tensor, "example *places in"], slopes: Float[Tensor, "example *places out"]
) -> Float[Tensor, " example"]:
    """Of several places, such as the words of a text, the gradient is the sum of as many products."""
    if inputs.ndim > 2:
        inputs, slopes = inputs.flatten(1, -2), slopes.flatten(1, -2)
        of_bias = slopes.sum(1).square().sum(1) if layer.bias is not None else 0
        return of_bias + (slopes.mT @ inputs).square().sum((1, 2))
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
