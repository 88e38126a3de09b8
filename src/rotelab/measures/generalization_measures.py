"""What may predict how well a network generalizes: the measures of Jiang et al. (2020), as the code of Dziugaite et al.
(2020) computes them, those of Neyshabur et al. (2019), and others; their formulas stand with each kind."""

import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite, log, sqrt

import torch
from jaxtyping import Int64
from torch import Tensor, nn

from rotelab.data.streaming import Images
from rotelab.errors import Notice, Refusal
from rotelab.measures import layer_norms, pac_bayes
from rotelab.measures.adaptive_sharpness import adaptive_sharpness
from rotelab.measures.coherence import coherence
from rotelab.measures.fisher_rao import fisher_rao_norm
from rotelab.measures.hessian import product, top_eigenvalue, trace
from rotelab.measures.input_jacobian import input_jacobian_norm
from rotelab.measures.margins import fifth_percentile, tenth
from rotelab.measures.norm_bounds import bounds, norm_products
from rotelab.measures.path_norms import path_norm
from rotelab.measures.per_example import AT_ONCE, gradients
from rotelab.measures.sharpness import NOISES, Trial
from rotelab.measures.stability import radii
from rotelab.measures.subject import Subject
from rotelab.models.parameters import in_eval_mode

MOVED = 32
"""Of the few images those whose stability radii are looked for: a search takes some thirty passes."""


def _flat(weights: Mapping[str, Tensor]) -> Tensor:
    return torch.cat([weight.flatten() for weight in weights.values()])


def _inverse_margin(of: Subject) -> dict[str, float]:
    return {"inverse_margin": tenth(of.margins) ** -2}


def _frobenius(of: Subject) -> dict[str, float]:
    return {"params": float(sum(map(torch.numel, of.weights.values())))} | layer_norms.of_frobenius(of.frobenius)


def _frobenius_over_margin(of: Subject) -> dict[str, float]:
    return layer_norms.frobenius_over_margin(of.frobenius, tenth(of.margins))


def _matrices(of: Subject) -> dict[str, float]:
    return layer_norms.of_spectra(of.matrices, of.frobenius, "")


def _matrices_over_margin(of: Subject) -> dict[str, float]:
    return layer_norms.spectra_over_margin(of.matrices, of.frobenius, tenth(of.margins), "")


def _operators(of: Subject) -> dict[str, float]:
    return layer_norms.of_spectra(of.operators, of.frobenius, "_fft")


def _operators_over_margin(of: Subject) -> dict[str, float]:
    return layer_norms.spectra_over_margin(of.operators, of.frobenius, tenth(of.margins), "_fft")


def _paths(of: Subject) -> dict[str, float]:
    return {"path_norm": of.squared_paths}


def _paths_over_margin(of: Subject) -> dict[str, float]:
    return {"path_norm_over_margin": of.squared_paths / tenth(of.margins) ** 2}


def _pac_bayes(of: Subject) -> dict[str, float]:
    weights, initial = _flat(of.weights), _flat(of.initial_weights)
    return pac_bayes.of_sigma(weights, initial, of.sigma("sigma"), len(of.labels))


def _pac_bayes_of_magnitudes(of: Subject) -> dict[str, float]:
    weights, initial = _flat(of.weights), _flat(of.initial_weights)
    return pac_bayes.of_magnitudes(weights, initial, of.sigma("mag_sigma"), len(of.labels))


def _norm_products(of: Subject) -> dict[str, float]:
    return norm_products(of.weights, fifth_percentile(of.margins))


def _roots_of_paths(of: Subject) -> dict[str, float]:
    image, margin = of.images[:1], fifth_percentile(of.margins)
    return {f"l{p:g}_path_norm": path_norm(of.folded, image, p) ** (1 / p) / margin for p in (1.0, 1.5, 2.0)}


def _bounds(of: Subject) -> dict[str, float]:
    parameters = sum(map(torch.numel, of.folded.parameters().values()))
    margin, inputs = fifth_percentile(of.margins), of.images[:1].numel()
    return bounds(of.weights, of.initial_weights, margin, len(of.labels), inputs, parameters)


def _fisher_rao(of: Subject) -> dict[str, float]:
    return {"fisher_rao_norm": fisher_rao_norm(of.folded, *of.few)}


def _adaptive_sharpness(of: Subject) -> dict[str, float]:
    return {"adaptive_sharpness": adaptive_sharpness(of.folded, *of.few)}


def _curvature(of: Subject) -> dict[str, float]:
    times, like = product(of.folded, *of.few), [*of.folded.parameters().values()]
    return {"hessian_top_eigenvalue": top_eigenvalue(times, like), "hessian_trace": trace(times, like)}


def _gradients(of: Subject) -> dict[str, float]:
    images, labels = of.few
    found = gradients(of.network, zip(images.split(AT_ONCE), labels.split(AT_ONCE), strict=True))
    length = sum(float(part.double().square().sum()) for part in found.total.values()) ** 0.5 / len(labels)
    return {"gradient_norm": length} | {f"coherence_{name}": value for name, value in coherence(found).items()}


def _input_jacobian(of: Subject) -> dict[str, float]:
    return {"input_jacobian_norm": input_jacobian_norm(of.network, of.few[0])}


def _stability(of: Subject) -> dict[str, float]:
    if not of.margins.isfinite().all():
        raise Refusal("outputs are no finite numbers: no loss can change")
    images, labels = of.few
    with in_eval_mode(of.network):
        return radii(of.network, (images[:MOVED], labels[:MOVED]), delta=0.05, directions=2)


KINDS: dict[str, Callable[[Subject], dict[str, float]]] = {
    "margins": _inverse_margin,
    "frobenius": _frobenius,
    "frobenius_over_margin": _frobenius_over_margin,
    "matrices": _matrices,
    "matrices_over_margin": _matrices_over_margin,
    "operators": _operators,
    "operators_over_margin": _operators_over_margin,
    "paths": _paths,
    "paths_over_margin": _paths_over_margin,
    "sharpness": _pac_bayes,
    "sharpness_of_magnitudes": _pac_bayes_of_magnitudes,
    "norm_products": _norm_products,
    "roots_of_paths": _roots_of_paths,
    "bounds": _bounds,
    "fisher_rao": _fisher_rao,
    "adaptive_sharpness": _adaptive_sharpness,
    "curvature": _curvature,
    "gradients": _gradients,
    "input_jacobian": _input_jacobian,
    "stability": _stability,
}
"""What is computed, or refused, together."""
UNSCALED = {
    *("l_1_inf_norm", "frobenius_norm", "l_3_1.5_norm", "spectral_norm", "l_1.5_operator_norm", "trace_norm"),
    *("l1_path_norm", "l1.5_path_norm", "l2_path_norm", "l_1_max_bound", "frobenius_bound", "l_3_1.5_bound"),
    *("spec_l_2_1_bound", "spec_fro_bound"),
}
"""Those of Neyshabur et al., which hold the number of images already where it belongs."""
FURTHER = {
    *("fisher_rao_norm", "adaptive_sharpness", "hessian_top_eigenvalue", "hessian_trace", "gradient_norm"),
    *("coherence_alpha", "coherence_r", "input_jacobian_norm"),
    *(f"{what}_radius_{which}" for what in ("parameter", "input") for which in ("median", "worst", "steepest")),
}
"""Others, of few images, and of the network as it is where they need no folding: they stay as they are as well."""


@dataclass(frozen=True)
class Found:
    """Measures by name, what was left out by kind or name, with the reason, and the seconds that each kind took."""

    values: dict[str, float]
    left_out: dict[str, str]
    seconds: dict[str, float]


def found(of: Subject) -> Found:
    """Every kind in turn. What several need counts as time of the first: the pass over the images as ``margins``."""
    values, left_out, seconds = {}, {}, {}
    for kind, measure in KINDS.items():
        start = time.perf_counter()
        try:
            for name, value in measure(of).items():
                if isfinite(value):
                    values[name] = value
                else:
                    left_out[name] = f"it is {value}"
        except Refusal as reason:
            left_out[kind] = str(reason)
        seconds[kind] = time.perf_counter() - start
    return Found(values, left_out, seconds)


def say(left_out: Mapping[str, str]) -> None:
    """A Notice for each reason why something was left out."""
    for reason in dict.fromkeys(left_out.values()):
        names = ", ".join(name for name, why in left_out.items() if why == reason)
        warnings.warn(f"generalization measures are left out ({names}): {reason}", Notice, stacklevel=3)


def without_softmax(network: nn.Module) -> nn.Module:
    """A network without the softmax at its end, where it has one: what it makes probabilities of."""
    ends = type(network) is nn.Sequential and len(network) > 1 and isinstance(network[-1], nn.Softmax)
    return network[:-1] if ends else network


def generalization(
    network: nn.Module,
    initial: nn.Module,
    images: Images,
    labels: Int64[Tensor, " label"],
    *,
    noise: str = "honest",
    draws: int = 32,
) -> dict[str, float]:
    """Measures of a trained ``network``, of what it was before training and of its train images, by name, before the
    final rescaling (see ``rescaled``); docs/generalization.md lists names, formulas and sources.

    A softmax at the end of a ``Sequential`` is taken off: the measures are of logits. ``noise`` is ``honest``, whose
    scale is its standard deviation, or ``public``, as recorded tables have it; it is drawn ``draws`` times. What can't
    be measured of this network is left out, and a Notice says what and why: a layer that is neither convolution nor
    linear, a margin that is not positive, what is no finite number. Nothing of the network changes, and memory does not
    grow with the number of images. Raises Refusal for a noise of another name and labels that don't fit the images.
    """
    if noise not in NOISES:
        raise Refusal(f"noise = {noise!r} is not one of {', '.join(NOISES)}")
    if not 0 < len(labels) == len(images):
        raise Refusal(f"{len(images)} images and {len(labels)} labels")
    networks = without_softmax(network), without_softmax(initial)
    measured = found(Subject(*networks, images, labels, noise, Trial(draws, units=noise == "public")))
    say(measured.left_out)
    return measured.values


def rescaled(values: Mapping[str, float], images: int) -> dict[str, float]:
    """As the gap of m ``images`` is thought to grow with them (Dziugaite et al. 2020): ``(v - log m) / 2`` of a name
    that begins with ``log``, else ``sqrt(v / m)``. Those of others than Jiang et al. stay as they are."""

    def of(name: str, value: float) -> float:
        if name in UNSCALED | FURTHER:
            return value
        return (value - log(images)) / 2 if name.startswith("log") else sqrt(value / images)

    return {name: of(name, value) for name, value in values.items()}
