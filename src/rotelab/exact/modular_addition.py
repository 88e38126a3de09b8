"""Addition modulo p, learned from a part of its table by a network of squares (Gromov 2023, "Grokking modular
arithmetic"; Power et al. 2022, "Grokking": test accuracy that comes long after the fit).

f(a, b) = W2 (W1 x)^2 with x the one-hot vectors of a and b, one below the other, no biases; descent of p times the mean
squared error to the one-hot sum by AdamW, all pairs a step. Seeds are trained side by side: the first dimension of
everything.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Float32, Int64
from torch import Generator, Tensor
from torch.nn.functional import one_hot
from torch.optim import AdamW

BETAS = (0.9, 0.98)


class Pairs(NamedTuple):
    """Pairs as the network gets them, and their sums."""

    inputs: Float32[Tensor, "seed pair number"]
    sums: Int64[Tensor, "seed pair"]


class Task(NamedTuple):
    """What is learned, and all other pairs."""

    train: Pairs
    test: Pairs


def table(p: int) -> tuple[Float32[Tensor, "pair number"], Int64[Tensor, " pair"]]:
    """All p^2 pairs and their sums modulo p."""
    a, b = torch.cartesian_prod(torch.arange(p), torch.arange(p)).unbind(1)
    return torch.cat([one_hot(a, p), one_hot(b, p)], dim=1).float(), (a + b) % p


def task(p: int, fraction: float, generators: Sequence[Generator]) -> Task:
    """Each generator's own ``fraction`` of the pairs, rounded down. Raises ValueError where one part is empty."""
    count = int(fraction * p**2)
    if not 0 < count < p**2:
        raise ValueError(f"a fraction of {fraction} leaves {count} of {p**2} pairs to learn")
    inputs, sums = table(p)
    orders = torch.stack([torch.randperm(p**2, generator=generator) for generator in generators])
    train, test = orders[:, :count], orders[:, count:]
    return Task(Pairs(inputs[train], sums[train]), Pairs(inputs[test], sums[test]))


class Weights(NamedTuple):
    """W1 and W2."""

    inner: Float32[Tensor, "seed unit number"]
    outer: Float32[Tensor, "seed class unit"]

    def __call__(self, of: Pairs) -> Float32[Tensor, "seed pair class"]:
        return (of.inputs @ self.inner.mT).square() @ self.outer.mT


def drawn(p: int, units: int, generators: Sequence[Generator]) -> Weights:
    """Normal, W1 of variance 1 / (2 p) and W2 of 1 / ``units``."""

    def normal(shape: tuple[int, int], variance: float) -> Tensor:
        return torch.stack([torch.randn(shape, generator=one) for one in generators]) * variance**0.5

    return Weights(normal((units, 2 * p), 1 / (2 * p)), normal((p, units), 1 / units))


def descent(of: Pairs, start: Weights, rate: float, decay: float) -> Iterator[Weights]:
    """The weights after 1, 2, 3, ... steps, without an end; ``decay`` is AdamW's, decoupled."""
    weights = Weights(*(part.clone().requires_grad_() for part in start))
    optimizer = AdamW(weights, lr=rate, betas=BETAS, weight_decay=decay)
    targets = one_hot(of.sums, weights.outer.shape[1]).float()
    while True:
        optimizer.zero_grad()
        with torch.enable_grad():
            errors = (weights(of) - targets).square()
            (errors.sum(dim=2).mean(dim=1)).sum().backward()  # seeds share no weight
        optimizer.step()
        yield Weights(*(part.detach().clone() for part in weights))


def accuracy(weights: Weights, of: Pairs) -> Float[Tensor, " seed"]:
    """The share of pairs whose sum has the greatest output."""
    return (weights(of).argmax(dim=2) == of.sums).double().mean(dim=1)


def loss(weights: Weights, of: Pairs) -> Float[Tensor, " seed"]:
    """p times the mean squared error to the one-hot sum: 1 for outputs of 0."""
    return (weights(of) - one_hot(of.sums, weights.outer.shape[1])).square().sum(dim=2).mean(dim=1)


def norm(weights: Weights) -> Float[Tensor, " seed"]:
    """The Euclidean norm of all weights."""
    return sum((part.square().sum(dim=(1, 2)) for part in weights), torch.zeros(len(weights.inner))).sqrt()


def coherence(weights: Weights, of: Pairs) -> Float[Tensor, " seed"]:
    """``r = |sum g_i|^2 / sum |g_i|^2`` over pairs, g_i the gradient of a pair's loss: how many pairs a step along one
    of them helps (Chatterjee and Zielinski 2022); 1 where they have nothing in common. In closed form, in float64: the
    gradient of a layer is an outer product, whose norm is a product of norms."""
    inner, outer, inputs = weights.inner.double(), weights.outer.double(), of.inputs.double()
    before = inputs @ inner.mT
    error = 2 * (before.square() @ outer.mT - one_hot(of.sums, outer.shape[1]))
    back = 2 * before * (error @ outer)
    layers = ((error, before.square()), (back, inputs))
    whole = sum((one.mT @ other).square().sum(dim=(1, 2)) for one, other in layers)
    single = sum((one.square().sum(dim=2) * other.square().sum(dim=2)).sum(dim=1) for one, other in layers)
    assert isinstance(whole, Tensor) and isinstance(single, Tensor)
    return whole / single


def periodicity(weights: Weights) -> Float[Tensor, " seed"]:
    """How much of a hidden unit's weights is one wave: of the power of its weights of a, and of those of b, the share
    of the greatest frequency but the constant, the mean over both and over units. 1 for a cosine; Gromov's solution
    has waves alone."""
    p = weights.inner.shape[2] // 2
    power = torch.fft.rfft(weights.inner.unflatten(2, (2, p)).double()).abs().square()[..., 1:]
    if p % 2 == 0:
        power[..., -1] /= 2  # it has no mirror image, which all others have
    return (power.amax(dim=3) / power.sum(dim=3)).mean(dim=(1, 2))


def solution(p: int, units: int) -> Weights:
    """Gromov's weights, by formula: waves ``cos(2 pi k a / p + u)``, ``cos(2 pi k b / p + v)`` and, behind them,
    ``cos(2 pi k c / p + u + v)``; frequencies k go round, phases are drawn. With enough units it is right on all pairs,
    untrained."""
    at, unit = torch.arange(p), torch.arange(units)
    k = 1 + unit % ((p - 1) // 2)
    generator = torch.Generator().manual_seed(0)
    u, v = 2 * torch.pi * torch.rand((2, units), generator=generator)

    def wave(phase: Tensor) -> Tensor:
        return torch.cos(2 * torch.pi * k[:, None] * at / p + phase[:, None])

    return Weights(torch.cat([wave(u), wave(v)], dim=1)[None], wave(u + v).mT[None] / units)
