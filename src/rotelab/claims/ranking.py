"""Does a measure put networks into the order of their generalization gaps? The rank statistics of Jiang et al. (2020),
"Fantastic Generalization Measures", of the PGDL competition (2020) and of Dziugaite et al. (2020), "In search of robust
measures of generalization".

``settings`` has a row a network and a column a hyper-parameter. ``counts`` says how often each network counts, as in a
bootstrap; a network is never compared with itself. All raise Refusal for a number that is none.
"""

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Literal

import numpy
import pandas
from jaxtyping import Float, Int
from numpy import ndarray

from rotelab.errors import Refusal

Values = Float[ndarray, " network"]
Counts = Int[ndarray, " network"]
Ties = Literal["three_valued", "dropped", "pgdl"]
EFFECTIVE = 12
"""Effective number of pairs that an environment needs, in the code of Dziugaite et al."""


def tau(measure: Values, gap: Values, counts: Counts | None = None) -> float:
    """Kendall's tau-a: the mean over pairs ``i != j`` of ``sign(mu_i - mu_j) sign(g_i - g_j)``, in [-1, 1]; ties
    count 0. NaN without a pair."""
    weights = _weights(len(_checked(measure, gap)), counts)
    total = weights.sum()
    return float((weights * _signs(measure) * _signs(gap)).sum() / total) if total else float("nan")


def granulated(
    measure: Values, gap: Values, settings: pandas.DataFrame, counts: Counts | None = None
) -> dict[str, float]:
    """Of each hyper-parameter psi: the mean, over all settings of the others, of tau over its values; and ``Psi``,
    their mean (Jiang et al.'s granulated coefficient). A setting of the others with a single network says nothing; a
    hyper-parameter without any other is NaN, and so is Psi then.

    Seeds are a column of ``settings`` where each makes slices of its own; a psi of theirs would be one of chance.
    """
    _checked(measure, gap)
    found = {}
    columns = _columns(settings)
    for name in columns:
        codes = _codes(columns, *(other for other in columns if other != name))
        slices = [numpy.flatnonzero(codes == code) for code in numpy.unique(codes)]
        each = [tau(measure[of], gap[of], None if counts is None else counts[of]) for of in slices]
        told = [value for value in each if not numpy.isnan(value)]
        found[str(name)] = float(numpy.mean(told)) if told else float("nan")
    return found | {"Psi": float(numpy.mean([*found.values()]))}


def information(
    measure: Values,
    gap: Values,
    settings: pandas.DataFrame,
    counts: Counts | None = None,
    ties: Ties = "three_valued",
    least: int = 0,
) -> dict[tuple[str, ...], float]:
    """``I(V_mu; V_g | U_S) / H(V_g | U_S)`` in [0, 1] of each S of ``least`` to two hyper-parameters, whose minimum is
    the conditional mutual information of Jiang et al.; 0 where all orders of gaps are known from U_S.

    V are the signs of the differences of pairs, U_S is the ordered pair of the values of S. ``three_valued`` has ties
    as a sign of 0, ``dropped`` leaves out pairs with one. ``pgdl`` is the competition's scorer, which takes S
    of two alone (``least=2``): greater or not, a network with itself included, each value of U_S of the same weight.
    """
    weights = _weights(len(_checked(measure, gap)), counts, itself=ties == "pgdl")
    signs = [_signs(measure), _signs(gap)]
    if ties == "pgdl":
        signs = [numpy.where(sign > 0, 1, -1) for sign in signs]
    elif ties == "dropped":
        weights = weights * (signs[0] * signs[1] != 0)
    both = 3 * (signs[0].astype(int) + 1) + signs[1].astype(int) + 1
    columns = _columns(settings)
    names = [(*of,) for size in range(least, 3) for of in combinations(columns, size)]
    return {of: _share(_cells(both, weights, _codes(columns, *of)), equal=ties == "pgdl") for of in names}


def _cells(both: ndarray, weights: ndarray, codes: ndarray) -> ndarray:
    """(cell, sign of the measure, sign of the gap): the weight of all pairs of networks."""
    several = codes.max() + 1
    cell = codes[:, None] * several + codes[None, :]
    found = numpy.bincount((9 * cell + both).ravel(), weights.ravel(), 9 * several**2).reshape(-1, 3, 3)
    return found[found.sum((1, 2)) > 0]


def _share(cells: ndarray, equal: bool) -> float:
    sizes = cells.sum((1, 2), keepdims=True)
    p = cells / sizes / len(cells) if equal else cells / max(sizes.sum(), 1)
    of_gap, of_measure, of_cell = p.sum(1, keepdims=True), p.sum(2, keepdims=True), p.sum((1, 2), keepdims=True)
    entropy = -_sum(of_gap, of_gap / numpy.where(of_cell > 0, of_cell, 1))
    expected = numpy.where(of_cell > 0, of_gap * of_measure / numpy.where(of_cell > 0, of_cell, 1), 0)
    known = _sum(p, p / numpy.where(expected > 0, expected, 1))
    return min(1.0, max(0.0, known / entropy)) if entropy > 1e-12 else 0.0


def _sum(p: ndarray, ratio: ndarray) -> float:
    """The sum of ``p log ratio`` where p is not 0."""
    return float((p * numpy.log(numpy.where(p > 0, ratio, 1))).sum())


def sign_errors(
    measure: Values,
    gap: Values,
    settings: pandas.DataFrame,
    test_images: int,
    counts: Counts | None = None,
    effective: int | float = EFFECTIVE,
) -> pandas.DataFrame:
    """Of each environment the sign error: the weighted mean of ``(1 - sign(mu_i - mu_j) sign(g_i - g_j)) / 2``, from 0
    to 1, a tie .5 (Dziugaite et al.). Its worst is what a robust measure is judged by.

    An environment is an ordered pair of settings that differ in one hyper-parameter alone, so that each counts twice;
    its pairs of networks weigh ``(w - .5)+`` with ``w = max(0, 1 - 2 exp(-2 n (D / 2)^2))^2`` for a difference D of
    gaps on n ``test_images``. Those whose effective number of pairs, ``(sum w)^2 / sum w^2``, is below ``effective``
    are left out. Columns ``hyper_parameter``, ``error``, ``pairs``: the effective number. Seeds are no column of
    ``settings``.
    """
    each = _weights(len(_checked(measure, gap)), counts)
    columns = _columns(settings)
    codes = numpy.stack([*columns.values()])
    apart = codes[:, :, None] != codes[:, None, :]
    first, second = numpy.nonzero((apart.sum(0) == 1) & (each > 0))
    of = _codes(columns, *columns)
    pairs = pandas.DataFrame(
        {
            "from": of[first],
            "to": of[second],
            "hyper_parameter": numpy.asarray(settings.columns)[apart[:, first, second].argmax(0)],
            "error": (1 - _signs(measure)[first, second] * _signs(gap)[first, second]) / 2,
            "weight": each[first, second] * trust(gap[first] - gap[second], test_images),
        }
    )
    pairs = pairs.assign(wrong=pairs.weight * pairs.error, square=pairs.weight**2)
    found = pairs.groupby(["from", "to", "hyper_parameter"])[["weight", "wrong", "square"]].sum().reset_index()
    found = found[found.weight > 0]
    found = found.assign(error=found.wrong / found.weight, pairs=found.weight**2 / found.square)
    return found[found.pairs >= effective * (1 - 1e-12)][["hyper_parameter", "error", "pairs"]].reset_index(drop=True)


def trust(difference: Float[ndarray, " pair"], test_images: int) -> Float[ndarray, " pair"]:
    """The weight of a pair whose gaps differ by so much: Hoeffding's, less .5, at least 0."""
    sure = numpy.maximum(0, 1 - 2 * numpy.exp(-2 * test_images * (difference / 2) ** 2)) ** 2
    return numpy.maximum(0, sure - 0.5)


def bootstrap(
    statistic: Callable[[Counts], float], groups: pandas.Series, draws: int = 1000, level: float = 0.95
) -> tuple[float, float]:
    """The interval of a statistic of counts, by drawing ``groups`` with replacement: one a network, or the seeds.
    Percentiles of those draws in which it is a number; NaN where it is one in none."""
    random = numpy.random.default_rng(0)
    (codes,), several = _columns(groups.to_frame()).values(), groups.nunique()
    found = [statistic(random.multinomial(several, numpy.full(several, 1 / several))[codes]) for _ in range(draws)]
    told = [value for value in found if not numpy.isnan(value)]
    low, high = numpy.quantile(told, [(1 - level) / 2, (1 + level) / 2]) if told else (float("nan"),) * 2
    return float(low), float(high)


def _checked(measure: ndarray, gap: ndarray) -> ndarray:
    for name, values in (("measure", measure), ("gap", gap)):
        if not numpy.isfinite(values).all():
            raise Refusal(f"the {name} of {(~numpy.isfinite(values)).sum()} networks is no number: they have no rank")
    return measure


def _signs(values: ndarray) -> ndarray:
    return numpy.sign(values[:, None] - values[None, :])


def _weights(networks: int, counts: ndarray | None, itself: bool = False) -> ndarray:
    """Of each pair; that of a network with itself only where it is asked for."""
    of = numpy.ones(networks) if counts is None else counts.astype(float)
    found = of[:, None] * of[None, :]
    if not itself:
        numpy.fill_diagonal(found, 0)
    return found


def _columns(settings: pandas.DataFrame) -> dict[str, ndarray]:
    """Of each hyper-parameter the same number for the same value, from 0."""
    return {str(name): pandas.factorize(settings[name], use_na_sentinel=False)[0] for name in settings.columns}


def _codes(columns: Mapping[str, ndarray], *names: str) -> ndarray:
    """The same number for the same values of the hyper-parameters of these ``names``, from 0; there is at least one of
    ``columns``."""
    found = numpy.zeros_like(next(iter(columns.values())))
    for name in names:
        found = numpy.unique(found * (columns[name].max() + 1) + columns[name], return_inverse=True)[1]
    return found
