"""Inner products without points have the distribution of those of points."""

import numpy
import pytest
from scipy import stats

from rotelab.exact import wishart


@pytest.mark.parametrize(("n", "p"), [(1, 1), (4, 2), (4, 4), (4, 1000)])
def test_they_are_symmetric_and_of_the_rank_of_points(n: int, p: int) -> None:
    gram = wishart.drawn(n, p, numpy.random.default_rng(0))
    assert numpy.array_equal(gram, gram.T)
    assert numpy.linalg.matrix_rank(gram) == min(n, p)


def test_entries_and_greatest_eigenvalues_are_distributed_as_those_of_points() -> None:
    generator = numpy.random.default_rng(1)
    ours = numpy.array([wishart.drawn(3, 7, generator) for _ in range(2000)])
    points = generator.standard_normal((2000, 3, 7))
    drawn = points @ points.transpose(0, 2, 1)
    assert numpy.abs(ours.mean(0) - 7 * numpy.eye(3)).max() < 5 * (14 / 2000) ** 0.5
    for of in (lambda grams: grams[:, 0, 1], lambda grams: numpy.linalg.eigvalsh(grams)[:, -1]):
        assert stats.ks_2samp(of(ours), of(drawn)).pvalue > 1e-3
