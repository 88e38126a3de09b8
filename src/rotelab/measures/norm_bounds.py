"""The measures and bounds of Neyshabur, Li, Bhojanapalli, LeCun and Srebro (2019), "The role of over-parametrization in
generalization of neural networks", as their code computes them: products over layers, over the margin."""

from collections.abc import Callable
from math import inf, log, prod, sqrt

from torch import Tensor

from rotelab.measures.weight_norms import group_norm, schatten, spectral

Norm = Callable[[Tensor], float]
NORMS: dict[str, Norm] = {
    "l_1_inf_norm": lambda weight: group_norm(weight, 1, inf),
    "frobenius_norm": lambda weight: group_norm(weight, 2, 2),
    "l_3_1.5_norm": lambda weight: group_norm(weight, 3, 1.5),
    "spectral_norm": spectral,
    "l_1.5_operator_norm": lambda weight: schatten(weight, 1.5),
    "trace_norm": lambda weight: schatten(weight, 1),
}


def norm_products(weights: dict[str, Tensor], margin: float) -> dict[str, float]:
    """``prod |W_i| / g``: of the norms of what leads to each output, (1, inf), (2, 2) and (3, 1.5), and of the singular
    values, inf, 1.5 and 1; ``g`` the 5th percentile of the margins."""
    return {name: prod(map(norm, weights.values())) / margin for name, norm in NORMS.items()}


def bounds(
    weights: dict[str, Tensor], initial: dict[str, Tensor], margin: float, images: int, inputs: int, parameters: int
) -> dict[str, float]:
    """Bounds of the gap between test and train error, up to constants, of d layers, m ``images`` of n ``inputs`` and so
    many ``parameters``, biases among them.

    ``l_1_max_bound`` (Bartlett and Mendelson 2002) and ``frobenius_bound`` (Neyshabur et al. 2015): the product of
    (1, inf) or (2, 2) norms times ``sqrt((d + log n) / m)``; ``l_3_1.5_bound``: of (3, 1.5) norms, times
    ``sqrt(d + log n) / m^(1/3)``. ``spec_l_2_1_bound`` (Bartlett et al. 2017, Theorem 1.1): the product of spectral
    norms times ``log m log parameters / sqrt(m) (sum (|W_i - W_i0|_{2,1} / |W_i|)^(2/3))^(3/2)``. ``spec_fro_bound``
    (Neyshabur et al. 2018, Theorem 1): times ``d / sqrt(m) sqrt(sum h_i |W_i - W_i0|_F^2 / |W_i|^2)``, with ``h_i``
    outputs.
    """
    depth, of = len(weights), norm_products(weights, margin)
    alpha = sqrt(depth + log(inputs))
    from_two, from_one = 0.0, 0.0
    for name, weight in weights.items():
        moved, size = weight - initial[name], spectral(weight)
        from_two += (group_norm(moved, 2, 1) / size) ** (2 / 3)
        from_one += len(weight) * (group_norm(moved, 2, 2) / size) ** 2
    return {
        "l_1_max_bound": of["l_1_inf_norm"] * alpha / sqrt(images),
        "frobenius_bound": of["frobenius_norm"] * alpha / sqrt(images),
        "l_3_1.5_bound": of["l_3_1.5_norm"] * alpha / images ** (1 / 3),
        "spec_l_2_1_bound": of["spectral_norm"] * log(images) * log(parameters) * from_two**1.5 / sqrt(images),
        "spec_fro_bound": of["spectral_norm"] * depth * sqrt(from_one) / sqrt(images),
    }
