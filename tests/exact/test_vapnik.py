"""Counts and bounds against hand-made ones, and gaps against a search of many lines."""

import math

import numpy
import pytest

from rotelab.exact import vapnik
from rotelab.exact.shattering import separable_share


@pytest.mark.parametrize(("dimensions", "n"), [(1, 5), (2, 10), (3, 4), (4, 20)])
def test_dichotomies_are_covers(dimensions: int, n: int) -> None:
    """With bias a classifier in d - 1 dimensions is one without in d."""
    share = separable_share(n, dimensions - 1)
    assert vapnik.log_dichotomies(dimensions, n) == pytest.approx(math.log(share * 2**n))


def test_with_as_many_dimensions_as_points_all_labelings_are_there() -> None:
    assert vapnik.log_dichotomies(7, 7) == vapnik.log_dichotomies(100, 7) == pytest.approx(7 * math.log(2))
    assert vapnik.log_dichotomies(2, 10) == pytest.approx(math.log(20))  # two at each of ten points


def test_bounds() -> None:
    assert vapnik.finite(math.log(100), 1000, 0.05) == pytest.approx(math.sqrt(math.log(4000) / 2000))
    assert vapnik.linear(2, 500, 0.05) == pytest.approx(math.sqrt(8 / 500 * math.log(2000 * 80)))


@pytest.mark.parametrize("n", [1, 7, 60])
def test_the_greatest_gap_of_lines_is_that_of_a_search(n: int) -> None:
    ours = vapnik.greatest_gap_of_lines(n, 0.1, numpy.random.default_rng(n))
    generator = numpy.random.default_rng(n)
    at = generator.uniform(0, 2 * math.pi, n)
    labels = numpy.where(numpy.cos(at) > 0, 1, -1) * numpy.where(generator.random(n) < 0.1, -1, 1)
    angles = numpy.linspace(-math.pi, math.pi, 20_001)
    train = (numpy.sign(numpy.cos(at[:, None] - angles)) != labels[:, None]).mean(0)
    searched = abs(train - (0.1 + 0.8 * abs(angles) / math.pi)).max()
    assert searched <= ours + 1e-12
    assert ours == pytest.approx(searched, abs=1e-3)


@pytest.mark.parametrize("n", [20, 200])
def test_gaps_stay_below_their_bounds(n: int) -> None:
    generator = numpy.random.default_rng(0)
    lines = [vapnik.greatest_gap_of_lines(n, 0.1, generator) for _ in range(30)]
    conjunctions = [vapnik.greatest_gap_of_conjunctions(n, 5, 0.1, generator) for _ in range(30)]
    assert 0 < vapnik.quantile(lines, 0.05) < vapnik.linear(2, n, 0.05)
    assert 0 < vapnik.quantile(conjunctions, 0.05) < vapnik.finite(5 * math.log(2), n, 0.05)


def test_a_conjunction_is_one_where_all_of_its_variables_are() -> None:
    every = vapnik._conjunctions(3)
    assert every[0].all()
    assert every[0b111].tolist() == [False] * 7 + [True]
    assert numpy.flatnonzero(every[0b011]).tolist() == [0b011, 0b111]
