"""The curvature of the train loss: the largest eigenvalue and the trace of its Hessian, by products with vectors.

A product is the derivative of the gradient along a vector (Pearlmutter 1994, "Fast exact multiplication by the
Hessian"), a few images at a time; the Hessian itself is never formed.
"""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn.functional import cross_entropy

from rotelab.measures.folding import Folded
from rotelab.measures.per_example import AT_ONCE
from rotelab.randomness import stream

Vector = Sequence[Tensor]
"""A tensor for each parameter."""
Product = Callable[[Vector], Vector]


def product(folded: Folded, images: Float[Tensor, "image ..."], labels: Int64[Tensor, " image"]) -> Product:
    """``v -> H v``: H is the Hessian of the mean cross-entropy in all weights and biases, batch norm folded."""
    weights = {name: value.requires_grad_() for name, value in folded.parameters().items()}

    def of(vector: Vector) -> Vector:
        total = [torch.zeros_like(part) for part in vector]
        for some, theirs in zip(images.split(AT_ONCE), labels.split(AT_ONCE), strict=True):
            loss = cross_entropy(folded.outputs(weights, some), theirs, reduction="sum") / len(labels)
            slopes = torch.autograd.grad(loss, [*weights.values()], create_graph=True, materialize_grads=True)
            along = torch.stack([(one * other).sum() for one, other in zip(slopes, vector, strict=True)]).sum()
            found = torch.autograd.grad(along, [*weights.values()], materialize_grads=True)
            total = [sum_ + part for sum_, part in zip(total, found, strict=True)]
        return total

    return of


def top_eigenvalue(times: Product, like: Vector, steps: int = 10) -> float:
    """The eigenvalue of the greatest absolute value, by so many ``steps`` of power iteration: the Rayleigh quotient
    of the last; how flat a minimum is (Keskar et al. 2017, "On large-batch training")."""
    generator, value = stream("hessian", "power iteration"), 0.0
    vector: Vector = [torch.randn(part.shape, generator=generator).to(part) for part in like]
    for _ in range(steps):
        length = _dot(vector, vector) ** 0.5
        if not length:
            return 0.0
        vector = [part / length for part in vector]
        turned = times(vector)
        value, vector = _dot(vector, turned), turned
    return value


def trace(times: Product, like: Vector, draws: int = 8) -> float:
    """The mean of ``v' H v`` over so many ``draws`` of signs v (Hutchinson 1990, "A stochastic estimator of the trace
    of the influence matrix")."""
    found = 0.0
    for draw in range(draws):
        generator = stream("hessian", "trace", draw)
        signs = [(2 * torch.randint(2, part.shape, generator=generator) - 1).to(part) for part in like]
        found += _dot(signs, times(signs)) / draws
    return found


def _dot(one: Vector, other: Vector) -> float:
    return float(torch.stack([(a.double() * b.double()).sum() for a, b in zip(one, other, strict=True)]).sum())
