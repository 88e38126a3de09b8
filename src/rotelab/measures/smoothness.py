"""How smooth a network is between and around images: slopes at images, bounds of the Lipschitz constant, variation.

All norms are Euclidean, outputs over inputs, of the network's outputs as they are.
"""

import warnings

import torch
from jaxtyping import Float
from lightning import Callback, Trainer
from torch import Tensor, nn

from rotelab.errors import Notice, Refusal
from rotelab.measures.folding import fold
from rotelab.measures.generalization_measures import without_softmax
from rotelab.measures.input_jacobian import ImagesOf, jacobians
from rotelab.measures.per_example import AT_ONCE
from rotelab.measures.weight_norms import spectral_norms
from rotelab.models.parameters import in_eval_mode, trained
from rotelab.training.learner import Learner


def jacobian_norms(network: nn.Module, images: ImagesOf | Tensor) -> Float[Tensor, " image"]:
    """The spectral norm of the input Jacobian at each image: how many times as far as the image the outputs move, at
    most, for small moves. The root of the largest eigenvalue of ``J J'``, in float64; of a linear map the norm of its
    matrix."""
    norms = []
    for some in images.split(AT_ONCE):
        slopes = jacobians(network, some).double()
        norms.append(torch.linalg.eigvalsh(slopes @ slopes.mT)[:, -1].clamp_min(0).sqrt())
    return torch.cat(norms)


def lipschitz_lower(network: nn.Module, images: ImagesOf, steps: int) -> float:
    """A lower bound of the Lipschitz constant: the greatest ``|f(a) - f(b)| / |a - b|`` that gradient ascent of its
    logarithm comes across, from each image and the next one, and the greatest slope at the images and where it ends.

    Each step moves both points by a tenth of their distance along their normalized gradients. They need not stay
    images. Slopes themselves can't be ascended where layers are piecewise linear: there they are constant.
    """
    a, b = images.detach(), images.detach().roll(-1, dims=0)
    best = float(jacobian_norms(network, a).max())
    for _ in range(steps):
        quotients, slopes = _quotients(network, a, b)
        best, apart = max(best, quotients.max().item()), 0.1 * (a - b).flatten(1).norm(dim=1)
        a, b = (point + _per_image(apart, a) * _unit(slope) for point, slope in zip((a, b), slopes, strict=True))
    return max(best, *(float(jacobian_norms(network, point).max()) for point in (a, b)))


def _quotients(network: nn.Module, a: Tensor, b: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
    """``|f(a) - f(b)| / |a - b|`` of each pair, 0 where the points are one, and the gradients of their logarithms."""
    with in_eval_mode(network), torch.enable_grad():
        pair = a.clone().requires_grad_(), b.clone().requires_grad_()
        moved, apart = ((x - y).flatten(1).square().sum(dim=1) for x, y in (map(network, pair), pair))
        tiny = torch.finfo(a.dtype).tiny
        logs = (moved.clamp_min(tiny).log() - apart.clamp_min(tiny).log()).sum() / 2
        slopes = torch.autograd.grad(logs, pair)
    return torch.where((apart > 0) & (moved > 0), moved / apart, 0).detach().sqrt(), slopes


def _per_image(values: Float[Tensor, " image"], images: Tensor) -> Tensor:
    return values.reshape(-1, *(1 for _ in images.shape[1:]))


def _unit(slopes: Tensor) -> Tensor:
    """Each image's slope over its norm; 0 where it has none."""
    return slopes / _per_image(slopes.flatten(1).norm(dim=1).clamp_min(torch.finfo(slopes.dtype).tiny), slopes)


def lipschitz_upper(network: nn.Module, images: ImagesOf) -> float:
    """The product of the layers' operator norms, after folding batch norm: an upper bound of the Lipschitz constant of
    linear layers, ReLUs and pooling of windows that do not overlap, in a row (Szegedy et al. 2014, "Intriguing
    properties of neural networks", section 4.3). Of convolutions it takes those with circular padding
    (``weight_norms.operator``), which at the border is an estimate. Raises Refusal where ``fold`` does, as for batch
    norm before its convolution."""
    folded = fold(network, images[:1])
    return float(spectral_norms(folded, folded.weights, as_operator=True).prod())


def line_variation(network: nn.Module, a: ImagesOf, b: ImagesOf, points: int) -> Float[Tensor, " image"]:
    """The way that the outputs go while the input goes straight from each of ``a`` to that of ``b``, over the distance:
    ``sum_i |f(x_i+1) - f(x_i)| / |a - b|`` at so many ``points`` evenly on the line, two or more.

    Of a linear map ``|W (a - b)| / |a - b|``, and at most the Lipschitz constant. The more points, the longer.
    """
    shares = torch.linspace(0, 1, points, dtype=a.dtype, device=a.device)
    with in_eval_mode(network), torch.no_grad():
        outputs = torch.stack([network(torch.lerp(a, b, share)).flatten(1) for share in shares])
    return (outputs[1:] - outputs[:-1]).norm(dim=2).sum(dim=0) / (a - b).flatten(1).norm(dim=1)


def law_of_robustness(images: int, numbers: int, parameters: int) -> float:
    """``sqrt(n d / p)``, which no network of p parameters that fits n noisy labels of images of d numbers can have a
    Lipschitz constant much below, up to a factor that depends on the noise and a logarithm (Bubeck and Sellke 2021, "A
    Universal Law of Robustness via Isoperimetry", Theorem 1): a shape in p, no number to compare with."""
    return (images * numbers / parameters) ** 0.5


class Smoothness(Callback):
    """Puts into the metrics at the end of the run, of the first ``images`` of each split and without a softmax at the
    end: ``jacobian_norm/<split>`` and ``greatest_jacobian_norm/<split>``, the mean and the greatest over images, in
    outputs over inputs; of a split with corrupted labels ``jacobian_norm/<split>_clean`` and ``_corrupted`` as well;
    ``line_variation/<split>``, the mean over images and the next one of the split, at so many ``points``; and of the
    train split ``lipschitz_lower/train``, after so many ``steps`` of ascent, and ``lipschitz_upper/train``, which the
    images have no part in; beside them ``law_of_robustness/train``, of the whole split. What can't be measured has no
    number, and a Notice says why.
    """

    def __init__(self, images: int, points: int, steps: int) -> None:
        self.images, self.points, self.steps = images, points, steps

    def on_train_end(self, trainer: Trainer, learner: Learner) -> None:
        network = without_softmax(learner.network)
        for name, split in learner.data.splits.items():
            images = split.evaluated[0][: self.images]
            norms = jacobian_norms(network, images)
            learner.metrics[f"jacobian_norm/{name}"] = float(norms.mean())
            learner.metrics[f"greatest_jacobian_norm/{name}"] = float(norms.max())
            for kind, which in split.kinds.items():
                if len(chosen := which[which < len(norms)]):
                    learner.metrics[f"jacobian_norm/{name}_{kind}"] = float(norms[chosen].mean())
            lines = line_variation(network, images[:-1], images[1:], self.points)
            learner.metrics[f"line_variation/{name}"] = float(lines.nanmean())
        split, images = learner.data.splits["train"], learner.data.splits["train"].evaluated[0][: self.images]
        parameters = sum(parameter.numel() for parameter in trained(network).values())
        learner.metrics["law_of_robustness/train"] = law_of_robustness(len(split), images[0].numel(), parameters)
        learner.metrics["lipschitz_lower/train"] = lipschitz_lower(network, images, self.steps)
        try:
            learner.metrics["lipschitz_upper/train"] = lipschitz_upper(network, images)
        except Refusal as refusal:
            warnings.warn(f"lipschitz_upper is left out: {refusal}", Notice, stacklevel=2)
