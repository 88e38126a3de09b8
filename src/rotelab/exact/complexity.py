"""Section 2.2 (Zhang et al. 2017): how well a network can be trained to fit random labels: Rademacher complexity.

Whatever training finds is in the hypothesis class, so what is measured here bounds its capacity from below. A labeling
that isn't fitted says something about the training, and proves nothing about the class: where classes can't fit all
signs the bound is loose, for the logistic loss is not the number of wrong signs. Of ten points in a plane, over 40
draws, the best half-spaces reach 0.74 (``halfspaces``), and those that are trained 0.52.
"""

from collections.abc import Callable
from math import sqrt
from typing import NamedTuple

import torch
from jaxtyping import Float64
from scipy import stats
from torch import Tensor, nn
from torch.nn import functional

Model = Callable[[tuple[int, int, int], int], nn.Module]
"""Image shape and number of outputs to a network, such as ``partial(mlp, widths=[16])``."""

_ROUND = 10  # iterations of L-BFGS between two looks at the signs
_FALL = 1e-3  # of the loss, in a round: less is no progress


class Rademacher(NamedTuple):
    """The mean over draws of the signs, -1 to 1, Student's 95 % interval of it, and each draw.

    The interval is of the draws alone, for these points and this training; where all draws are equal, it has no width.
    """

    mean: float
    low: float
    high: float
    draws: tuple[float, ...]


def fit(
    model: Model,
    images: Float64[Tensor, "image channel height width"],
    signs: Float64[Tensor, " image"],
    generator: torch.Generator,
    starts: int = 3,
    iterations: int = 200,
) -> float:
    """The correlation (1/n) sum_i sigma_i h(x_i), -1 to 1, that new networks reach: h is the sign of the output.

    1 means that every sign is right. A network has one output, float64 weights, drawn by ``generator``, and stays in
    train mode; all images in one batch, the logistic loss, L-BFGS with Wolfe's line search. Training ends after so many
    ``iterations``, when all signs are right, or when the loss falls by less than 0.1 % in ten iterations; then another
    network starts, up to so many ``starts``. The best seen, every ten iterations, counts. The global random state stays
    as it is. Raises ValueError for signs other than -1 and 1, and where nothing starts.
    """
    if not (signs.abs() == 1).all():
        raise ValueError(f"signs are -1 or 1, not {signs[signs.abs() != 1][0]:g}")
    if starts < 1:
        raise ValueError(f"it takes a network at least, not {starts}")
    best = -1.0
    for _ in range(starts):
        best = max(best, _trained(model, images, signs, generator, iterations))
        if best == 1:
            break
    return best


def _trained(model: Model, images: Tensor, signs: Tensor, generator: torch.Generator, iterations: int) -> float:
    _, channels, height, width = images.shape
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(torch.randint(2**62, (), generator=generator)))
        network = model((channels, height, width), 1).double()
    optimizer = torch.optim.LBFGS(network.parameters(), max_iter=_ROUND, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = functional.softplus(-signs * network(images)[:, 0]).mean()
        value.backward()
        return value

    best, last = _correlation(network, images, signs), float("inf")
    for _ in range(-(-iterations // _ROUND)):
        before = optimizer.step(loss).item()
        best = max(best, _correlation(network, images, signs))
        if best == 1 or not last - before > _FALL * before:
            break
        last = before
    return best


@torch.no_grad()
def _correlation(network: nn.Module, images: Tensor, signs: Tensor) -> float:
    right = ((network(images)[:, 0] > 0) == (signs > 0)).double().mean()  # an output of 0 counts as -1
    return float(2 * right - 1)


def rademacher(
    model: Model,
    images: Float64[Tensor, "image channel height width"],
    generator: torch.Generator,
    draws: int = 10,
    starts: int = 3,
    iterations: int = 200,
) -> Rademacher:
    """R_n(H) = E_sigma sup_h (1/n) sum_i sigma_i h(x_i) (Zhang et al. 2017, section 2.2), with what training finds.

    The learner's version: for each of the ``draws`` of random signs a network is trained on them, see ``fit``, and
    stands for the supremum, so that this is a lower bound of the complexity of the networks' signs on these images, up
    to the chance in the draws: tight where all signs are fitted, and else loose. Raises ValueError for fewer than two
    draws, which have no interval.
    """
    if draws < 2:
        raise ValueError(f"an interval takes two draws at least, not {draws}")
    signs = random_signs(draws, len(images), generator)
    found = torch.tensor(
        [fit(model, images, sigma, generator, starts, iterations) for sigma in signs], dtype=torch.float64
    )
    half = float(stats.t.ppf(0.975, draws - 1) * found.std() / sqrt(draws))
    mean = float(found.mean())
    return Rademacher(mean, max(-1.0, mean - half), min(1.0, mean + half), tuple(found.tolist()))


def random_signs(labelings: int, points: int, generator: torch.Generator) -> Float64[Tensor, "labeling point"]:
    """Signs -1 and 1, each as likely, independent."""
    return torch.randint(2, (labelings, points), generator=generator).double() * 2 - 1
