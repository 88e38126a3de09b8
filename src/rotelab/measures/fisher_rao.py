"""The Fisher-Rao norm: the length of the weights as the losses feel it."""

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from rotelab.measures.folding import Folded
from rotelab.measures.losses import nats
from rotelab.measures.per_example import AT_ONCE


def fisher_rao_norm(folded: Folded, images: Float[Tensor, "image ..."], labels: Int64[Tensor, " image"]) -> float:
    """``sqrt(mean_i <w, grad l_i>^2)``, of the weights and biases w and the cross-entropy l_i of each image (Liang et
    al. 2019, "Fisher-Rao metric, geometry, and complexity of neural networks", Definition 2, with the labels of the
    images).

    In a ReLU network of d layers without biases ``d sqrt(mean_i <f_i, dl_i/df_i>^2)``, with the logits f (their
    Theorem 3.1). Rescaled layers that compute the same have the same.
    """
    weights = {name: value.requires_grad_() for name, value in folded.parameters().items()}
    found = []
    for some, theirs in zip(images.split(AT_ONCE), labels.split(AT_ONCE), strict=True):
        losses = nats(folded.outputs(weights, some), theirs)
        shares = torch.ones_like(losses, requires_grad=True)  # <w, sum of c_i grad l_i> has the slopes asked for in c
        slopes = torch.autograd.grad(losses @ shares, [*weights.values()], create_graph=True, materialize_grads=True)
        pairs = zip(slopes, weights.values(), strict=True)
        along = torch.stack([(slope * weight.detach()).sum() for slope, weight in pairs]).sum()
        found += torch.autograd.grad(along, shares)
    return float(torch.cat(found).double().square().mean().sqrt())
