"""How often intervals hold the truth that the numbers were drawn around: 95 %, or as often as is said."""

import numpy as np
import pytest
from scipy.stats import rankdata

from rotelab.claims.samples import Bounded, Sample, Unpaired, accuracies
from rotelab.claims.shares import Count, ShareDifference, Shares

TIMES = 1000
ENOUGH = 0.935
"""Of a thousand intervals that hold the truth with 95 %, fewer do with a probability of 2 %."""


def held(samples: list[Sample], truth: float) -> float:
    found = [sample.interval() for sample in samples]
    return float(np.mean([at.low <= truth <= at.high for at in found]))


def rank_correlations(generator: np.random.Generator, points: int, slope: float, shape: tuple[int, ...]) -> np.ndarray:
    """Of a straight line under noise, one in each place of ``shape``."""
    x = np.arange(points)
    ranks = rankdata(slope * x + generator.normal(size=(*shape, points)), axis=-1)
    return ((ranks - ranks.mean(-1, keepdims=True)) * (x - x.mean())).mean(-1) / x.var()


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [3, 5, 10])
@pytest.mark.parametrize("slope", [0.0, 0.3, 1.0, 2.0])
@pytest.mark.parametrize("points", [4, 5, 8, 11])
def test_of_rank_correlations(points: int, slope: float, seeds: int) -> None:
    generator = np.random.default_rng([points, int(10 * slope), seeds])
    # where most seeds have a perfect order, ten of them hold the truth a little less often than 95 %
    truth = float(rank_correlations(generator, points, slope, (100_000,)).mean())
    drawn = rank_correlations(generator, points, slope, (TIMES, seeds))
    step = 12 / (points**3 - points)
    assert held([Bounded(tuple(map(float, row)), -1.0, 1.0, step) for row in drawn], truth) > ENOUGH - 0.02


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [3, 5, 10])
@pytest.mark.parametrize(
    ("right", "wrong", "enough"), [(5, 5, ENOUGH), (30, 3, ENOUGH), (300, 3, ENOUGH), (2, 0.5, 0.91), (20, 0.2, 0.78)]
)
def test_of_accuracies(right: float, wrong: float, enough: float, seeds: int) -> None:
    """Beta-distributed, in steps of .001. Where most seeds are at 1 and one in many is far below, three seeds say too
    little: no interval that is not as wide as its bounds holds."""
    generator = np.random.default_rng([seeds, int(right)])
    drawn = generator.beta(right, wrong, (TIMES, seeds)).round(3)
    assert held([accuracies(row) for row in drawn], right / (right + wrong)) > enough


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [3, 10])
@pytest.mark.parametrize("alike", [0.0, 0.3])
@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.9])
def test_of_shares(share: float, alike: float, seeds: int) -> None:
    """Of six runs a seed, whose fates are correlated by ``alike``; and of their difference from another share."""

    def drawn(share: float) -> tuple[Count, ...]:
        concentration = 1 / alike - 1 if alike else 0
        p = generator.beta(share * concentration, (1 - share) * concentration, seeds) if alike else [share] * seeds
        return tuple(Count(int(found), 6) for found in generator.binomial(6, p))

    generator = np.random.default_rng([seeds, int(10 * alike), int(100 * share)])
    assert held([Shares(drawn(share)) for _ in range(TIMES)], share) > 0.95 - 0.01
    differences: list[Sample] = [ShareDifference(drawn(share), drawn(0.3)) for _ in range(TIMES)]
    assert held(differences, share - 0.3) > ENOUGH


@pytest.mark.slow
@pytest.mark.parametrize("spread", [0.1, 1.0])
def test_of_two_networks(spread: float) -> None:
    generator = np.random.default_rng(int(10 * spread))
    one, other = generator.normal(1, 1, (TIMES, 3)), generator.normal(0, spread, (TIMES, 3))
    samples: list[Sample] = [Unpaired(tuple(a), tuple(b)) for a, b in zip(one.tolist(), other.tolist(), strict=True)]
    assert held(samples, 1.0) > ENOUGH
