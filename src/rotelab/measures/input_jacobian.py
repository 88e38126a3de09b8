"""How sensitive outputs are to the images."""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rotelab.errors import Refusal
from rotelab.measures.per_example import AT_ONCE
from rotelab.models.parameters import in_eval_mode

ImagesOf = Float[Tensor, "image ..."]


def slopes(network: nn.Module, images: ImagesOf | Tensor) -> Iterator[Float[Tensor, "image input"]]:
    """``d f_i(x) / d x`` of each image, for one output i after the other, in eval mode. Raises Refusal for inputs
    without a slope, such as the numbers of words."""
    if not images.is_floating_point():
        raise Refusal(f"inputs of {images.dtype} have no slope: the Jacobian is of numbers with a fraction")
    with in_eval_mode(network), torch.enable_grad():
        moved = images.detach().clone().requires_grad_()
        for output in network(moved).sum(dim=0):
            yield torch.autograd.grad(output, moved, retain_graph=True)[0].flatten(1)


def jacobians(network: nn.Module, images: ImagesOf | Tensor) -> Float[Tensor, "image output input"]:
    """``d f(x) / d x`` of each image, as ``slopes`` takes it."""
    return torch.stack([*slopes(network, images)], dim=1)


def input_jacobian_norm(network: nn.Module, images: ImagesOf | Tensor) -> float:
    """The mean over images of ``|d softmax(f(x)) / d x|_F`` (Novak et al. 2018, "Sensitivity and generalization in
    neural networks: an empirical study"), of a network that puts out logits. Raises Refusal as ``slopes`` does."""
    probabilities = nn.Sequential(network, nn.Softmax(dim=1))
    squares = (
        torch.stack([slope.double().square().sum(1) for slope in slopes(probabilities, some)]).sum(0)
        for some in images.split(AT_ONCE)
    )
    return float(torch.cat([each.sqrt() for each in squares]).mean())
