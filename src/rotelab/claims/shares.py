"""Shares of runs that something happened to, and their differences: exact intervals, between 0 and 1, -1 and 1."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import pandas
from scipy.special import betainccinv, betaincinv

from rotelab.claims.samples import ALPHA, Sample, quantile
from rotelab.claims.verdicts import Interval
from rotelab.errors import Refusal


class Count(NamedTuple):
    """Of the runs of a seed: to how many it happened; written ``5/6``."""

    found: int
    of: int

    def __str__(self) -> str:
        return f"{self.found}/{self.of}"


def counts(happened: pandas.Series, seed: pandas.Series) -> tuple[Count, ...]:
    """Of each seed, from a row a run."""
    by_seed = happened.astype(bool).groupby(seed)
    return tuple(Count(int(of.sum()), len(of)) for _, of in by_seed)


def counts_by_seed(happened: pandas.Series) -> tuple[Count, ...]:
    """``counts`` of a row a run by its seed, 1 where it happened."""
    return counts(pandas.Series(happened.to_numpy() == 1), pandas.Series(happened.index))


def exact(found: int | float, rest: int | float, alpha: float = ALPHA) -> tuple[float, float]:
    """Clopper and Pearson's interval of a share, of so many that it happened to and so many that it did not."""
    low = float(betaincinv(found, rest + 1, alpha / 2)) if found else 0.0
    high = float(betainccinv(found + 1, rest, alpha / 2)) if rest else 1.0
    return low, high


@dataclass(frozen=True)
class Shares(Sample):
    """The share of all runs, with the interval of Clopper and Pearson ("The use of confidence or fiducial limits
    illustrated in the case of the binomial", Biometrika 1934), which has at least the confidence that it says.

    Runs of one seed share its weights and may fare alike. Then they count as fewer: as many as independent runs of the
    spread that there is between seeds, and no more than there are (Korn and Graubard, "Confidence intervals for
    proportions with small expected number of positive counts estimated from survey data", Survey Methodology 1998).
    Where all runs fared alike that dependence can't be seen, and is not counted. Runs of a single seed count as one.
    """

    values: tuple[Count, ...]
    method: ClassVar[str] = "binomial"

    def __post_init__(self) -> None:
        if not self.values or not all(0 <= found <= of and of for found, of in self.values):
            raise Refusal(f"a share needs runs, not {self.written()[0] or 'none'}")

    @property
    def share(self) -> float:
        return sum(found for found, _ in self.values) / sum(of for _, of in self.values)

    def interval(self, alpha: float = ALPHA) -> Interval:
        share, trials = self.share, self._independent(alpha)
        found, rest = share * trials, (1 - share) * trials
        low, high = exact(found, rest, alpha)
        return Interval(share, min(low, share), max(high, share), len(self.values))

    def _independent(self, alpha: float) -> float:
        """How many independent runs would say as much."""
        runs, seeds, share = sum(of for _, of in self.values), len(self.values), self.share
        if seeds == 1:
            return 1.0
        if runs == seeds:
            return float(runs)
        degrees = (quantile(runs - 1, alpha) / quantile(seeds - 1, alpha)) ** 2  # few seeds know their spread badly
        if not 0 < share < 1:
            return runs * degrees
        between = sum((found - share * of) ** 2 for found, of in self.values) * seeds / (seeds - 1) / runs**2
        alone = share * (1 - share) / (runs - 1)
        return min(float(runs), runs * alone / between * degrees) if between else float(runs)

    def written(self) -> tuple[str, str]:
        return " ".join(map(str, self.values)), ""


@dataclass(frozen=True)
class ShareDifference(Sample):
    """The share of ``values`` minus that of ``others``, inside -1 to 1: the square-and-add interval of the two shares'
    own (Zou and Donner, "Construction of confidence limits about effect measures", Statistics in Medicine 2008; after
    Newcombe, ibid. 1998). Where the same seeds fare alike in both it is wider than it would have to be."""

    values: tuple[Count, ...]
    others: tuple[Count, ...]
    method: ClassVar[str] = "binomial difference"

    def __post_init__(self) -> None:
        Shares(self.values)
        Shares(self.others)

    def interval(self, alpha: float = ALPHA) -> Interval:
        one, other = (Shares(of).interval(alpha) for of in (self.values, self.others))
        mean = one.mean - other.mean
        low = mean - ((one.mean - one.low) ** 2 + (other.high - other.mean) ** 2) ** 0.5
        high = mean + ((one.high - one.mean) ** 2 + (other.mean - other.low) ** 2) ** 0.5
        return Interval(mean, max(low, -1.0), min(high, 1.0), min(one.seeds, other.seeds))

    def written(self) -> tuple[str, str]:
        return Shares(self.values).written()[0], Shares(self.others).written()[0]
