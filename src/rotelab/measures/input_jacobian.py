"""How sensitive the probabilities are to the images."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rotelab.errors import Refusal
from rotelab.measures.per_example import AT_ONCE
from rotelab.models.parameters import in_eval_mode


def input_jacobian_norm(network: nn.Module, images: Float[Tensor, "image ..."] | Tensor) -> float:
    """The mean over images of ``|d softmax(f(x)) / d x|_F`` (Novak et al. 2018, "Sensitivity and generalization in
    neural networks: an empirical study"), of a network that puts out logits. Raises Refusal for inputs without a
    slope, such as the numbers of words."""
    if not images.is_floating_point():
        raise Refusal(f"inputs of {images.dtype} have no slope: the Jacobian is of numbers with a fraction")
    norms = []
    with in_eval_mode(network):
        for some in images.detach().split(AT_ONCE):
            moved = some.requires_grad_()
            by_class = network(moved).softmax(dim=1).sum(dim=0)
            slopes = (torch.autograd.grad(one, moved, retain_graph=True)[0] for one in by_class)
            norms.append(torch.stack([slope.flatten(1).double().square().sum(1) for slope in slopes]).sum(0).sqrt())
    return float(torch.cat(norms).mean())
