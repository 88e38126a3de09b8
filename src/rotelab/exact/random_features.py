"""Least squares on random ReLU features (Rahimi, Recht 2007; Belkin, Hsu, Ma, Mandal 2019), with a ridge or without."""

import torch
from jaxtyping import Float64
from torch import Tensor


def features(
    points: Float64[Tensor, "point dimension"], count: int, generator: torch.Generator
) -> Float64[Tensor, "point feature"]:
    """``max(2 <w, x> + b, 0)`` with w ~ N(0, 1 / d) and b ~ N(0, 0.01), one layer that is never trained.

    Another ``count`` gives others: to compare numbers of features, take the first columns of many.
    """
    dimensions = points.shape[1]
    drawn = torch.randn(count, dimensions + 1, generator=generator, dtype=points.dtype)
    weights, biases = drawn[:, :-1] / dimensions**0.5, drawn[:, -1] / 10
    return (2 * points @ weights.T + biases).relu()


def fit(
    features: Float64[Tensor, "point feature"], targets: Float64[Tensor, "point output"], ridge: float = 0.0
) -> Float64[Tensor, "feature output"]:
    """Weights that minimize |F w - Y|^2 + l |w|^2 for a ``ridge`` l; for 0 those of least norm of all that minimize it.

    With more features than points and a ridge in its kernel form, F^T (F F^T + l)^-1 Y, else in that of features.
    """
    if ridge == 0:
        return torch.linalg.lstsq(features, targets, driver="gelsd").solution
    points, count = features.shape
    if count > points:
        gram = features @ features.T + ridge * torch.eye(points, dtype=features.dtype)
        return features.T @ torch.linalg.solve(gram, targets)
    gram = features.T @ features + ridge * torch.eye(count, dtype=features.dtype)
    return torch.linalg.solve(gram, features.T @ targets)
