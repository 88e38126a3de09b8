"""The risk for any spectrum: against closed forms, numbers of another program, and points that are drawn whole."""

import numpy
import pytest

from rotelab.exact import anisotropic, ridge, ridgeless
from rotelab.exact.spectrum import Spectrum

HEAD = numpy.full(5, 5**-0.5)
ORACLE = {  # tail's length and variance -> bias and variance of 60 to 200 draws, each with its standard error
    (20_000, 1e-4): (0.0004656663984, 1.35e-05, 0.01478911259, 8.75e-04),
    (2000, 1e-3): (0.0004461303341, 1.34e-05, 0.02368114228, 8.37e-04),
    (200, 1.0): (0.5130639238, 3.68e-03, 0.2397065509, 3.55e-03),
    (120, 1.0): (0.1992139968, 3.34e-03, 1.008672575, 2.46e-02),
}
"""n = 100, five variances of 1, s = 1/2."""


def flat(p: int) -> tuple[Spectrum, numpy.ndarray]:
    return Spectrum(numpy.ones(p)), numpy.full(p, p**-0.5)


@pytest.mark.parametrize("p", [50, 90, 110, 400])
def test_of_equal_variances_it_is_the_isotropic_risk(p: int) -> None:
    assert anisotropic.equivalent(*flat(p), 100, 0.5).excess == pytest.approx(ridgeless.asymptotic(p / 100, 1.0, 0.5))
    with_ridge = anisotropic.equivalent(*flat(p), 100, 0.5, 0.1)
    assert with_ridge.excess == pytest.approx(ridge.asymptotic(p / 100, 0.1, 1.0, 0.5))


def test_the_effective_ridge_solves_its_equation() -> None:
    of = Spectrum(numpy.array([3.0, 1.0, 0.5]), 0.01, 500)
    k = anisotropic.effective_ridge(of, 40, 0.2)
    both = sum(value / (value + k) for value in of.head) + 500 * 0.01 / (0.01 + k)
    assert both + 40 * 0.2 / k == pytest.approx(40)
    assert anisotropic.effective_ridge(flat(30)[0], 40) == 0


def test_as_many_features_as_points_have_no_risk_without_a_ridge() -> None:
    with pytest.raises(ValueError, match="40 points and as many features"):
        anisotropic.effective_ridge(flat(40)[0], 40)


@pytest.mark.parametrize("tail", ORACLE)
def test_draws_agree_with_those_of_another_program(tail: tuple[int, float]) -> None:
    length, value = tail
    of, generator = Spectrum(numpy.ones(5), value, length), numpy.random.default_rng(0)
    risks = numpy.array([anisotropic.drawn(of, HEAD, 100, 0.5, generator) for _ in range(60)])
    errors = risks.std(0) / len(risks) ** 0.5
    bias, bias_error, variance, variance_error = ORACLE[tail]
    assert abs(risks[:, 0].mean() - bias) < 4 * numpy.hypot(errors[0], bias_error)
    assert abs(risks[:, 1].mean() - variance) < 4 * numpy.hypot(errors[1], variance_error)


@pytest.mark.parametrize(("n", "ridge"), [(40, 0.0), (40, 0.1), (200, 0.0), (200, 0.1)])
def test_draws_come_to_the_limit(n: int, ridge: float) -> None:
    of, b = Spectrum(numpy.repeat([1.0, 0.01], [20, 100])), numpy.full(20, 20**-0.5)
    generator = numpy.random.default_rng(0)
    risks = numpy.array([anisotropic.drawn(of, b, n, 0.5, generator, ridge) for _ in range(60)])
    errors = risks.std(0) / len(risks) ** 0.5
    limit = anisotropic.equivalent(of, b, n, 0.5, ridge)
    assert (abs(risks.mean(0) - limit) < 4 * errors + 0.05 * numpy.array(limit) + 1e-12).all()


def test_a_draw_is_the_mean_risk_of_labels_fitted_by_their_definition() -> None:
    """The same points, 2,000 draws of noise, least squares with a ridge by numpy."""
    variances, b, n, strength = numpy.array([2.0, 1.0, 0.1, 0.1]), numpy.array([1.0, -0.5]), 3, 0.2
    found = anisotropic.drawn(Spectrum(variances), b, n, 0.5, numpy.random.default_rng(0), strength)
    points = numpy.random.default_rng(0).standard_normal((n, 4)) * numpy.sqrt(variances)
    noise = 0.5 * numpy.random.default_rng(1).standard_normal((2000, n))
    padded = numpy.vstack([points, numpy.sqrt(n * strength) * numpy.eye(4)])
    truth = numpy.array([*b, 0.0, 0.0])
    labels = numpy.vstack([(points @ truth + noise).T, numpy.zeros((4, 2000))])
    off = numpy.linalg.lstsq(padded, labels, rcond=None)[0] - truth[:, None]
    risks = (variances[:, None] * off**2).sum(0)
    assert abs(risks.mean() - found.excess) < 4 * risks.std() / 2000**0.5


def test_a_tail_for_few_features_is_refused() -> None:
    with pytest.raises(ValueError, match="a tail is for more features than 100 points, not 25"):
        anisotropic.drawn(Spectrum(numpy.ones(5), 0.1, 20), HEAD, 100, 0.5, numpy.random.default_rng(0))
