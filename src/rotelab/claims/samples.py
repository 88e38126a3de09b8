"""What was measured for a claim, a number a seed or more, and the interval of its mean that fits such numbers.

An interval of confidence ``1 - alpha`` lies inside every one of a greater confidence, so that a verdict has a p-value:
see ``multiplicity.p_value``. ``written`` are the two columns of claims.csv from which ``written.read`` gives the same
sample back, to the last bit.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, isfinite
from statistics import fmean, stdev
from typing import ClassVar

from scipy.special import expit, logit, stdtrit

from rotelab.claims.verdicts import Interval
from rotelab.errors import Refusal

ALPHA = 0.05
"""One minus the confidence of the intervals that decide a claim."""


class Sample(ABC):
    """Of one quantity in one unit; ``method`` names how its interval is made, in claims.csv."""

    method: ClassVar[str]

    @abstractmethod
    def interval(self, alpha: float = ALPHA) -> Interval:
        """Of confidence ``1 - alpha``, 0 < alpha < 1."""

    @abstractmethod
    def written(self) -> tuple[str, str]:
        """The columns ``values`` and ``others``: numbers, separated by blanks."""

    @property
    def numbers(self) -> tuple[float, ...]:
        """What ``method`` takes beside the values."""
        return ()


@dataclass(frozen=True)
class Exact(Sample):
    """A number that arithmetic gives: no doubt."""

    value: float
    method: ClassVar[str] = "exact"

    def interval(self, alpha: float = ALPHA) -> Interval:
        return Interval(self.value, self.value, self.value, 1)

    def written(self) -> tuple[str, str]:
        return repr(float(self.value)), ""


@dataclass(frozen=True)
class Mean(Sample):
    """A number a seed; Student's t of their mean. For what may be any number, differences and logarithms of ratios.

    A single seed is unbounded. Differences within a seed belong here where both numbers are of the same network and the
    same data, so that what a seed changes cancels out; of other pairs see ``Unpaired``.
    """

    values: tuple[float, ...]
    method: ClassVar[str] = "t"

    def __post_init__(self) -> None:
        check(self.values)

    def interval(self, alpha: float = ALPHA) -> Interval:
        mean, seeds = fmean(self.values), len(self.values)
        half = quantile(seeds - 1, alpha) * stdev(self.values) / seeds**0.5 if seeds > 1 else inf
        return Interval(mean, mean - half, mean + half, seeds)

    def written(self) -> tuple[str, str]:
        return join(self.values), ""


@dataclass(frozen=True)
class Unpaired(Sample):
    """The mean of ``values`` minus that of ``others``, where a seed has not the same in both: another network.

    Welch's interval, with the degrees of freedom of Satterthwaite (Welch, "The generalization of Student's problem when
    several different population variances are involved", Biometrika 1947). Unbounded where either is a single seed.
    """

    values: tuple[float, ...]
    others: tuple[float, ...]
    method: ClassVar[str] = "welch"

    def __post_init__(self) -> None:
        check(self.values)
        check(self.others)

    def interval(self, alpha: float = ALPHA) -> Interval:
        mean, seeds = fmean(self.values) - fmean(self.others), min(len(self.values), len(self.others))
        if seeds == 1:
            return Interval(mean, -inf, inf, seeds)
        parts = [stdev(of) ** 2 / len(of) for of in (self.values, self.others)]
        if not (variance := sum(parts)):
            return Interval(mean, mean, mean, seeds)
        shares = [part / variance for part in parts]
        degrees = 1 / sum(
            share**2 / (len(of) - 1) for share, of in zip(shares, (self.values, self.others), strict=True)
        )
        half = quantile(degrees, alpha) * variance**0.5
        return Interval(mean, mean - half, mean + half, seeds)

    def written(self) -> tuple[str, str]:
        return join(self.values), join(self.others)


@dataclass(frozen=True)
class Bounded(Sample):
    """A number a seed that can't leave [low, high], such as an accuracy or a rank correlation; its mean likewise.

    Student's t of the mean on the scale of its logit, spread by the delta method, and back: it never leaves the bounds,
    and is the wider towards the middle the nearer they are (Korn and Graubard, "Analysis of Health Surveys", 1999, for
    shares; of a correlation it is Fisher's z, "On the probable error of a coefficient of correlation deduced from a
    small sample", Metron 1921, for z is half of this logit). A percentile bootstrap of three seeds goes from the least
    to the greatest of them, which holds the mean of symmetric numbers in three of four cases.

    Numbers have a ``step``, the least by which two can differ: that of accuracies is RESOLUTION. Seeds that agree, or
    that lie at a bound, have no spread to be seen, but are known no better than to the step. So the spread is at least
    that of rounding to it, step / sqrt(12); and a mean nearer to a bound than half a step is taken for half a step
    away, and its interval goes as far as the bound. A single seed says nothing but the bounds.
    """

    values: tuple[float, ...]
    low: float
    high: float
    step: float
    method: ClassVar[str] = "logit"

    def __post_init__(self) -> None:
        check(self.values)
        if not all(self.low - 1e-9 <= value <= self.high + 1e-9 for value in self.values):
            raise ValueError(f"{self.values} are not all within {self.low} and {self.high}")

    def interval(self, alpha: float = ALPHA) -> Interval:
        mean, seeds, width = fmean(self.values), len(self.values), self.high - self.low
        mean = min(max(mean, self.low), self.high)
        if seeds == 1:
            return Interval(mean, self.low, self.high, seeds)
        least, most = self.low + self.step / 2, self.high - self.step / 2
        place = (min(max(mean, least), most) - self.low) / width
        spread = max(stdev(self.values), self.step / 12**0.5) / width
        half = quantile(seeds - 1, alpha) * spread / (place * (1 - place) * seeds**0.5)
        ends = [self.low + width * float(expit(logit(place) + sign * half)) for sign in (-1, 1)]
        return Interval(
            mean,
            self.low if mean < least else min(ends[0], mean),
            self.high if mean > most else max(ends[1], mean),
            seeds,
        )

    def written(self) -> tuple[str, str]:
        return join(self.values), ""

    @property
    def numbers(self) -> tuple[float, ...]:
        return self.low, self.high, self.step


RESOLUTION = 0.001
"""Accuracies are not told apart below: runs end at a train accuracy of .999, and splits have some thousand images."""


def accuracies(values: Iterable[float]) -> Bounded:
    """Of a number from 0 to 1 a seed that is no count of runs: an accuracy, a probability."""
    return Bounded(tuple(map(float, values)), 0.0, 1.0, RESOLUTION)


def check(values: tuple[float, ...]) -> None:
    """Refusal where there is no value, or one that is no finite number."""
    if not values or not all(map(isfinite, values)):
        raise Refusal(f"an interval needs finite values, not {list(values)}")


def quantile(degrees: int | float, alpha: float) -> float:
    """Student's t that is exceeded on either side with a probability of ``alpha`` / 2."""
    return -float(stdtrit(degrees, alpha / 2))


def join(values: Iterable[float]) -> str:
    return " ".join(repr(float(value)) for value in values)
