"""Inner products of normal points, without the points: n of them cost n^2 numbers, in any number of dimensions."""

import numpy
from jaxtyping import Float64


def drawn(n: int, p: int, generator: numpy.random.Generator) -> Float64[numpy.ndarray, "point point"]:
    """``Z Z^T`` for ``n`` points Z of ``p`` independent standard normal features.

    From p = n on it is A A^T of a lower triangular A: squares of its diagonal are chi-squared of p, p - 1, ... degrees
    of freedom, what lies below is standard normal (Bartlett 1933). The same distribution as that of the points'.
    """
    if p < n:
        points = generator.standard_normal((n, p))
        return points @ points.T
    factor = numpy.tril(generator.standard_normal((n, n)), -1)
    numpy.fill_diagonal(factor, numpy.sqrt(generator.chisquare(p - numpy.arange(n))))
    return factor @ factor.T
