"""Wrong labels of the audit's own: what it finds of these it finds of others, too."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Generator, Tensor

SHARE = 0.05
"""Of all images, that get a wrong label in one planting."""


@dataclass(frozen=True)
class Planting:
    """The labels that are learned, and the numbers of the images whose label is wrong on purpose."""

    labels: Int64[Tensor, " image"]
    planted: Int64[Tensor, " chosen"]


def places(count: int, plantings: int, generator: Generator) -> list[Int64[Tensor, " chosen"]]:
    """Which images get a wrong label in each planting: none does in two of them."""
    each = max(1, round(SHARE * count))
    return list(torch.randperm(count, generator=generator)[: plantings * each].view(plantings, each))


def uniform(
    labels: Int64[Tensor, " image"], chosen: Int64[Tensor, " chosen"], classes: int, generator: Generator
) -> Planting:
    """Those that are chosen get any other class."""
    steps = torch.randint(1, classes, (len(chosen),), generator=generator)
    return _planted(labels, chosen, (labels[chosen] + steps) % classes)


def confused(
    labels: Int64[Tensor, " image"],
    chosen: Int64[Tensor, " chosen"],
    probabilities: Float[Tensor, "image class"],
    generator: Generator,
) -> Planting:
    """Those that are chosen get another class by what networks that have not seen the image take it for: the mistakes
    that people make are of this kind rather than of any."""
    others = (probabilities[chosen] + 1e-6).scatter(1, labels[chosen][:, None], 0.0)
    return _planted(labels, chosen, torch.multinomial(others, 1, generator=generator)[:, 0])


def _planted(labels: Tensor, chosen: Tensor, wrong: Tensor) -> Planting:
    made = labels.clone()
    made[chosen] = wrong
    return Planting(made, chosen)
