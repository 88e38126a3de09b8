"""PAC-Bayes measures of a noise that the weights stand (Jiang et al. 2020).

Before the final rescaling; w the weights without biases, w0 the initial ones, m the number of train images. The
constants ``log(m / s) + 10`` are those of the code of Dziugaite et al. (2020).
"""

from math import log

import torch
from jaxtyping import Float
from torch import Tensor

from rotelab.measures.sharpness import EPSILON


def of_sigma(
    weights: Float[Tensor, " weight"], initial: Float[Tensor, " weight"], sigma: float, images: int
) -> dict[str, float]:
    """``pacbayes_init`` and ``_orig``: ``|w - w0|^2 / (4 s^2) + log(m / s) + 10`` and the same of ``|w|^2``;
    ``pacbayes_flatness``: ``1 / s^2``. The noise's deviation is s."""
    rest = log(images / sigma) + 10
    return {
        "pacbayes_init": float((weights - initial).square().sum()) / (4 * sigma**2) + rest,
        "pacbayes_orig": float(weights.square().sum()) / (4 * sigma**2) + rest,
        "pacbayes_flatness": 1 / sigma**2,
    }


def of_magnitudes(
    weights: Float[Tensor, " weight"], initial: Float[Tensor, " weight"], sigma: float, images: int
) -> dict[str, float]:
    """``pacbayes_mag_init`` and ``_orig``: with n weights and e = 0.001,
    ``1/4 sum_j log((e^2 + (s^2 + 1) |w - w0|^2 / n) / (e^2 + s^2 (w - w0)_j^2)) + log(m / s) + 10``, and the same with
    ``|w|^2`` above; ``pacbayes_mag_flatness``: ``1 / s^2``. The noise's variance is ``s^2 p^2 + e^2``."""
    moved = weights - initial
    below = (EPSILON**2 + sigma**2 * moved.square()).log().sum()

    def divergence(square: Tensor) -> float:
        above = torch.log(EPSILON**2 + (sigma**2 + 1) * square / len(weights))
        return float(len(weights) * above - below) / 4 + log(images / sigma) + 10

    return {
        "pacbayes_mag_init": divergence(moved.square().sum()),
        "pacbayes_mag_orig": divergence(weights.square().sum()),
        "pacbayes_mag_flatness": 1 / sigma**2,
    }
