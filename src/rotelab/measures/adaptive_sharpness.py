"""How much the loss rises when every weight may be moved by a share of its own size."""

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn.functional import cross_entropy

from rotelab.measures.folding import Folded
from rotelab.measures.per_example import AT_ONCE


def adaptive_sharpness(
    folded: Folded,
    images: Float[Tensor, "image ..."],
    labels: Int64[Tensor, " image"],
    rho: float = 0.5,
    steps: int = 10,
) -> float:
    """``max L(w + |w| u) - L(w)`` over ``|u| <= rho``, in nats (Kwon et al. 2021, "ASAM", Eq. 4 with p = 2): the worst
    that so many ``steps`` of projected ascent find, the first of which is that of ASAM. ``rho`` is theirs on CIFAR-10.

    Weights and biases of a ReLU network that are rescaled without a change of the function have the same.
    """
    weights = folded.parameters()
    sizes = {name: value.abs() for name, value in weights.items()}

    def at(shares: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss, and its slope in the shares."""
        moved = {name: (value + sizes[name] * shares[name]).requires_grad_() for name, value in weights.items()}
        loss, slope = torch.zeros((), dtype=torch.float64), {name: torch.zeros_like(of) for name, of in moved.items()}
        for some, theirs in zip(images.split(AT_ONCE), labels.split(AT_ONCE), strict=True):
            part = cross_entropy(folded.outputs(moved, some), theirs, reduction="sum") / len(labels)
            found = torch.autograd.grad(part, [*moved.values()], materialize_grads=True)
            loss += part.detach().double().cpu()
            slope = {name: slope[name] + sizes[name] * of for name, of in zip(moved, found, strict=True)}
        return loss, slope

    shares = {name: torch.zeros_like(value) for name, value in weights.items()}
    start, slope = at(shares)
    rises = [torch.zeros_like(start)]
    for _ in range(steps):
        steepness = _length(slope)
        if not steepness:
            break
        shares = {name: share + rho * slope[name] / steepness for name, share in shares.items()}
        beyond = max(1.0, _length(shares) / rho)
        shares = {name: share / beyond for name, share in shares.items()}
        loss, slope = at(shares)
        rises.append(loss - start)
    return float(torch.stack(rises).max())


def _length(of: dict[str, Tensor]) -> float:
    return float(torch.stack([part.double().square().sum() for part in of.values()]).sum().sqrt())
