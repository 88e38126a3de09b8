"""PAC-Bayes measures of a given noise, against numbers of public code and the sum over weights, written out."""

from math import log

import pytest
import torch

from rotelab.measures.pac_bayes import of_magnitudes, of_sigma


def test_numbers_of_the_public_code() -> None:
    """Its network has so long a vector of weights, moved so far; nothing else of them enters."""
    weights = torch.tensor([9.91455186305447, 0.0], dtype=torch.float64)
    initial = torch.tensor([9.91455186305447, 9.035571991239273], dtype=torch.float64)
    found = of_sigma(weights, initial, 0.06688840584462037, 100)
    assert found == pytest.approx(
        {
            "pacbayes_init": 4579.2504214774335,
            "pacbayes_orig": 5509.992396788766,
            "pacbayes_flatness": 223.51069499946382,
        }
    )


def test_the_sum_over_weights() -> None:
    weights, initial, s, m = [1.0, -2.0, 0.5], [0.5, -2.0, 2.0], 0.3, 50
    of = [torch.tensor(values, dtype=torch.float64) for values in (weights, initial)]
    moved = [a - b for a, b in zip(weights, initial, strict=True)]

    def expected(square: float) -> float:
        parts = (log((1e-6 + (s**2 + 1) * square / 3) / (1e-6 + s**2 * step**2)) for step in moved)
        return sum(parts) / 4 + log(m / s) + 10

    found = of_magnitudes(*of, s, m)
    assert found["pacbayes_mag_init"] == pytest.approx(expected(sum(step**2 for step in moved)))
    assert found["pacbayes_mag_orig"] == pytest.approx(expected(sum(weight**2 for weight in weights)))
    assert found["pacbayes_mag_flatness"] == pytest.approx(1 / s**2)
