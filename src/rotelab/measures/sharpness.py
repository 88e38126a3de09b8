"""How much noise the weights stand: the largest under which the train accuracy falls by a tenth, on average."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from math import ceil, exp, log

import torch
from jaxtyping import Bool, Float, Int64
from scipy.optimize import brentq
from torch import Tensor

from rotelab.data.streaming import Images
from rotelab.errors import Refusal
from rotelab.measures.folding import Folded
from rotelab.randomness import stream
from rotelab.training.evaluation import evaluated

DROP = 0.1
"""The fall of the accuracy that is looked for."""
EPSILON = 1e-3
"""The part of the deviation that a parameter of 0 gets as well, in what grows with the parameters."""
FIRST, SMALLEST, LARGEST = 0.05, 1e-6, 10.0
CLOSE = 1.01
"""The ratio of two noises that the search takes for one."""

TABLE = 2**22
"""Normal numbers that are drawn at most, but for networks of more than half as many weights."""

Deviation = Callable[[float, Tensor], Tensor | float]
"""Of a scale s and a parameter, the standard deviation of its noise."""
HONEST: dict[str, Deviation] = {
    "sigma": lambda s, p: s,
    "mag_sigma": lambda s, p: (s**2 * p**2 + EPSILON**2).sqrt(),
}
"""What PAC-Bayes bounds speak of: the same for all parameters, or ``s^2 |p|^2 + e^2`` their variance."""
PUBLIC: dict[str, Deviation] = {
    "sigma": lambda s, p: s**2,
    "mag_sigma": lambda s, p: s**2 * p**2 + EPSILON**2,
}
"""What the code of Dziugaite et al. (2020) draws, which takes the variance for the deviation: its s is about the root
of the honest one. It disturbs scale and shift of the folded batch norms too."""
NOISES = {"honest": HONEST, "public": PUBLIC}


@dataclass(frozen=True)
class Trial:
    """Noise is drawn so many times, and each draw looked at on some images in turn: a step of the search costs about
    one pass over them all. The draws are the same at every scale, so that the fall grows smoothly with it.

    They are pieces of one table of normal numbers, each from a place of its own on, so that no draw holds a number
    twice, and a network of many weights is not held up by drawing them (Salimans et al. 2017, "Evolution strategies as
    a scalable alternative to reinforcement learning"). Only where the table would be long do pieces overlap."""

    draws: int = 32
    least: int = 32
    """Images that a draw is looked at on, where there are as many."""
    units: bool = False
    """Whether scale and shift of folded batch norms are disturbed as well."""

    def fall(
        self,
        folded: Folded,
        images: Images,
        labels: Int64[Tensor, " image"],
        right: Bool[Tensor, " image"],
        deviation: Callable[[Tensor], Tensor | float],
    ) -> float:
        """The mean over draws of the accuracy without noise, of which image is ``right``, minus that with it."""
        each = max(ceil(len(labels) / self.draws), min(len(labels), self.least))
        parameters = folded.parameters(self.units)
        weights, generator = sum(map(torch.numel, parameters.values())), stream("sharpness")
        table = torch.randn(min(self.draws * weights, max(2 * weights, TABLE)), generator=generator)
        places = torch.linspace(0, len(table) - weights, self.draws).long().tolist()
        falls = []
        for draw, place in enumerate(places):
            start = draw * each % (len(labels) - each + 1)
            seen = slice(start, start + each)
            noisy = _disturbed(parameters, deviation, table[place : place + weights])
            outputs = evaluated(folded.having(noisy), images[seen])
            still = outputs.argmax(dim=1) == labels[seen]
            falls.append(right[seen].double().mean() - still.double().mean())
        return float(torch.stack(falls).mean())


def _disturbed(
    parameters: Mapping[str, Tensor],
    deviation: Callable[[Tensor], Tensor | float],
    noise: Float[Tensor, " weight"],
) -> dict[str, Tensor]:
    pieces = noise.split([value.numel() for value in parameters.values()])
    return {
        name: value + deviation(value) * piece.view(value.shape).to(value)
        for (name, value), piece in zip(parameters.items(), pieces, strict=True)
    }


def scale(fall: Callable[[float], float]) -> float:
    """The s at which ``fall`` is 0.1, within 1 %: from .05 up or down by factors of 2, then by Brent's method on its
    logarithm, which takes half the steps of a bisection where ``fall`` is smooth.

    Raises Refusal where it is not reached at 10 or still exceeded at 0.000001.
    """

    @cache
    def beyond(logarithm: float) -> float:
        return fall(exp(logarithm)) - DROP

    low = high = log(FIRST)
    while beyond(low) > 0:
        if low <= log(SMALLEST):
            raise Refusal(f"a noise of {exp(low):.1g} already makes the train accuracy fall by {DROP:g}")
        low, high = low - log(2), low
    while beyond(high) <= 0:
        if high >= log(LARGEST):
            raise Refusal(f"no noise up to {exp(high):.2g} makes the train accuracy fall by {DROP:g}")
        low, high = high, high + log(2)
    return exp(brentq(beyond, low, high, xtol=log(CLOSE) / 2))
