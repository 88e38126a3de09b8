"""From an interval to a verdict, by rules that can be written beside it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

HOLDS, FAILS, UNDECIDED = "holds", "fails", "undecided"
DEPENDS, NOT_MEASURED = "depends on the unit", "not measured"


@dataclass(frozen=True)
class Interval:
    """A mean and the bounds of it, and of how many seeds it is; those of a sample: ``samples``."""

    mean: float
    low: float
    high: float
    seeds: int

    def __str__(self) -> str:
        """``0.5 [0.4, 0.6]``; all digits of a number without doubt."""
        if self.low == self.high:
            return f"{self.mean:,.0f}" if float(self.mean).is_integer() else f"{self.mean:,.6g}"
        return f"{self.mean:.3g} [{self.low:.3g}, {self.high:.3g}]"


class Rule(ABC):
    """Decides a claim from an interval; ``str`` of it is what stands in the table."""

    @abstractmethod
    def verdict(self, interval: Interval) -> str:
        """HOLDS, FAILS or UNDECIDED."""

    @property
    @abstractmethod
    def allowed(self) -> tuple[float, float]:
        """From where to where a quantity has to be; an end may be allowed itself or not."""


@dataclass(frozen=True)
class Within(Rule):
    """The whole interval within [low, high]; it fails where it lies outside, and is undecided where it crosses."""

    low: float = float("-inf")
    high: float = float("inf")

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"low = {self.low} is greater than high = {self.high}")

    def verdict(self, interval: Interval) -> str:
        if self.low <= interval.low and interval.high <= self.high:
            return HOLDS
        return FAILS if interval.high < self.low or interval.low > self.high else UNDECIDED

    @property
    def allowed(self) -> tuple[float, float]:
        return self.low, self.high

    def __str__(self) -> str:
        if self.low == self.high:
            return f"exactly {self.low:,.9g}"
        if self.low == float("-inf"):
            return f"at most {self.high:g}"
        return f"at least {self.low:g}" if self.high == float("inf") else f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Above(Rule):
    """The whole interval above ``bound``; it fails where it lies at or below, and is undecided where it crosses."""

    bound: float

    def verdict(self, interval: Interval) -> str:
        if interval.low > self.bound:
            return HOLDS
        return FAILS if interval.high <= self.bound else UNDECIDED

    @property
    def allowed(self) -> tuple[float, float]:
        return self.bound, float("inf")

    def __str__(self) -> str:
        return f"above {self.bound:g}"


@dataclass(frozen=True)
class Below(Rule):
    """The whole interval below ``bound``; it fails where it lies at or above, and is undecided where it crosses."""

    bound: float

    def verdict(self, interval: Interval) -> str:
        if interval.high < self.bound:
            return HOLDS
        return FAILS if interval.low >= self.bound else UNDECIDED

    @property
    def allowed(self) -> tuple[float, float]:
        return float("-inf"), self.bound

    def __str__(self) -> str:
        return f"below {self.bound:g}"


def verdict(rule: Rule, intervals: Mapping[str, Interval]) -> str:
    """The rule's verdict for the interval in each unit (epochs, optimizer steps, ...).

    DEPENDS where it holds in one unit and fails in another; NOT_MEASURED where there is no interval.
    """
    found = {rule.verdict(interval) for interval in intervals.values()}
    if not found:
        return NOT_MEASURED
    if {HOLDS, FAILS} <= found:
        return DEPENDS
    return found.pop() if len(found) == 1 else UNDECIDED
