"""Products of norms and bounds: of two linear layers whose norms are known by hand."""

from math import log, sqrt

import pytest
import torch
from torch import Tensor

from rotelab.measures.norm_bounds import bounds, norm_products


def diagonal(*values: float) -> Tensor:
    return torch.diag(torch.tensor(values, dtype=torch.float64))


def test_products_over_the_margin() -> None:
    weights = {"a": diagonal(3, 4), "b": diagonal(1, 2)}
    assert norm_products(weights, margin=2.0) == pytest.approx(
        {
            "l_1_inf_norm": 4 * 2 / 2,
            "frobenius_norm": 5 * sqrt(5) / 2,
            "l_3_1.5_norm": (3**1.5 + 4**1.5) ** (2 / 3) * (1 + 2**1.5) ** (2 / 3) / 2,
            "spectral_norm": 4 * 2 / 2,
            "l_1.5_operator_norm": (3**1.5 + 4**1.5) ** (2 / 3) * (1 + 2**1.5) ** (2 / 3) / 2,
            "trace_norm": 7 * 3 / 2,
        }
    )


def test_bounds() -> None:
    weights, initial = {"a": diagonal(3, 4), "b": diagonal(1, 2)}, {"a": diagonal(0, 0), "b": diagonal(1, 0)}
    found = bounds(weights, initial, margin=2.0, images=100, inputs=12, parameters=378)
    alpha, spectral = sqrt(2 + log(12)), 4.0
    assert found == pytest.approx(
        {
            "l_1_max_bound": 4 * alpha / 10,
            "frobenius_bound": 5 * sqrt(5) / 2 * alpha / 10,
            "l_3_1.5_bound": norm_products(weights, 2.0)["l_3_1.5_norm"] * alpha / 100 ** (1 / 3),
            "spec_l_2_1_bound": spectral * log(100) * log(378) / 10 * ((7 / 4) ** (2 / 3) + 1) ** 1.5,
            "spec_fro_bound": spectral * 2 / 10 * sqrt(2 * (25 / 16) + 2 * 1),
        }
    )


def test_a_number_of_the_public_code() -> None:
    """Of a network of two layers whose product of norms over the margin is 17.893, on 100 images of 12 numbers."""
    weights = {"a": diagonal(17.89337821969762), "b": diagonal(1.0)}
    found = bounds(weights, weights, 1.0, 100, 12, 378)
    assert found["l_1_max_bound"] == pytest.approx(3.7893877414848043)
