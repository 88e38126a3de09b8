"""Effective ranks against numbers of another program and against themselves."""

import math

import numpy
import pytest

from rotelab.exact import spectrum
from rotelab.exact.spectrum import Spectrum

I = numpy.arange(1, 1001.0)
BENIGN = Spectrum(numpy.ones(5), 1e-4, 20_000)


@pytest.mark.parametrize(
    ("of", "k", "r", "R"),
    [
        (Spectrum(1 / I), 0, 7.485470861, 34.08424833),
        (Spectrum(1 / I), 100, 232.1074276, 590.0379614),
        (Spectrum(1 / (I * numpy.log(I + 1) ** 2)), 5, 9.430586506, 30.84602951),
        (Spectrum(I**-2), 50, 48.90356779, 136.6270725),
        (BENIGN, 0, 7.0, 9.799608016),
        (BENIGN, 5, 20_000, 20_000),
    ],
)
def test_ranks(of: Spectrum, k: int, r: float, R: float) -> None:
    assert spectrum.r(of, k) == pytest.approx(r, rel=1e-9)
    assert spectrum.R(of, k) == pytest.approx(R, rel=1e-9)


@pytest.mark.parametrize(
    ("of", "n", "b", "k"),
    [
        (Spectrum(1 / I), 50, 1.0, 10),
        (Spectrum(1 / I), 50, 0.5, 4),
        (Spectrum(I**-2), 100, 1.0, 112),
        (Spectrum(0.9 ** I[:200]), 50, 1.0, None),
        (BENIGN, 100, 1.0, 5),
        (Spectrum(numpy.ones(5), 1.0, 200), 100, 1.0, 0),
        (Spectrum(numpy.ones(5), 1e-4, 80), 100, 1.0, None),
    ],
)
def test_k_star(of: Spectrum, n: int, b: float, k: int | None) -> None:
    assert spectrum.k_star(of, n, b) == k


def test_a_tail_is_as_if_it_stood_in_the_head() -> None:
    whole = Spectrum(numpy.concatenate([numpy.ones(5), numpy.full(300, 1e-2)]))
    short = Spectrum(numpy.ones(5), 1e-2, 300)
    for k in (0, 3, 5, 40, 304):
        assert spectrum.r(short, k) == pytest.approx(spectrum.r(whole, k))
        assert spectrum.R(short, k) == pytest.approx(spectrum.R(whole, k))
    assert short.size == whole.size == 305


@pytest.mark.parametrize("k", [0, 1, 10, 500, 999])
def test_between_a_rank_and_its_square(k: int) -> None:
    """Bartlett et al., Lemma 5."""
    for of in (Spectrum(1 / I), Spectrum(I**-2)):
        assert 1 <= spectrum.r(of, k) <= spectrum.R(of, k) + 1e-9 <= spectrum.r(of, k) ** 2 + 1e-8


def test_terms_of_the_bound() -> None:
    b = numpy.full(5, 5**-0.5)
    assert spectrum.variance_term(BENIGN, 100, 0.5) == pytest.approx(0.01375, rel=1e-9)
    assert spectrum.bias_term(BENIGN, b, 100) == pytest.approx((2 / 100) ** 2)
    flat = Spectrum(numpy.ones(5), 1.0, 200)
    assert spectrum.bias_term(flat, b, 100) == pytest.approx(1)  # k* = 0: nothing of the signal is below it
    hopeless = Spectrum(numpy.ones(5), 1e-4, 80)
    assert spectrum.variance_term(hopeless, 100, 0.5) == spectrum.bias_term(hopeless, b, 100) == math.inf
