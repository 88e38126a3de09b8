"""The map of a set (dataset cartography, Swayamdipta et al. 2020): how sure networks are of each image."""

from dataclasses import dataclass

import numpy
from jaxtyping import Bool, Float, Int64

from rotelab.audit.labels import Looks

HARD = 0.5
"""Mean probability of the label below which an image is hard."""


@dataclass(frozen=True)
class Map:
    """Of each image ``confidence``, the mean over epochs of the probability of its label while it is learned;
    ``variability``, its standard deviation; ``learned``, the first epoch (1, 2, ...) from which on it is right to the
    end, 0: never; and ``agreed``, whether networks that have not learned it say the same."""

    confidence: Float[numpy.ndarray, " image"]
    variability: Float[numpy.ndarray, " image"]
    learned: Int64[numpy.ndarray, " image"]
    agreed: Bool[numpy.ndarray, " image"]

    @property
    def hard_but_right(self) -> Bool[numpy.ndarray, " image"]:
        return (self.confidence < HARD) & self.agreed


def drawn(looks: Looks, labels: Int64[numpy.ndarray, " image"]) -> Map:
    """Of images with the labels that were learned."""
    wrong_later = numpy.cumsum((looks.learned_margin <= 0)[::-1], axis=0)[::-1] > 0
    epochs = wrong_later.sum(axis=0) + 1
    return Map(
        looks.learned.mean(axis=0),
        looks.learned.std(axis=0),
        numpy.where(epochs > len(looks.learned), 0, epochs),
        looks.says == labels,
    )
