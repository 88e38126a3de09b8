"""Many verdicts: how sure is each, and which of them hold together?"""

from collections.abc import Hashable, Mapping
from math import log10
from typing import TypeVar

from rotelab.claims.samples import ALPHA, Sample
from rotelab.claims.verdicts import UNDECIDED, Rule, verdict

Name = TypeVar("Name", bound=Hashable)

_LEAST, _GREATEST = 1e-12, 0.99
_HALVINGS = 24
"""Of the logarithm between these: to 2e-6 of its value."""


def p_value(rule: Rule, samples: Mapping[str, Sample]) -> float:
    """The least alpha at which intervals of confidence ``1 - alpha``, one in each unit, decide the claim; 1 where none
    does.

    So a claim is decided, which it is by 95 % intervals, where p is .05 or less. Of one mean and a bound this is the
    two-sided p-value of the test that the interval turns around: Student's, Welch's, ...; where all units have to agree
    it is the greatest of theirs. Were the quantity at the bound of its rule, p would be at most x with a probability of
    x. 0 stands for less than 1e-12.
    """

    def decides(alpha: float) -> bool:
        return verdict(rule, {unit: sample.interval(alpha) for unit, sample in samples.items()}) != UNDECIDED

    if decides(_LEAST):
        return 0.0
    if not decides(_GREATEST):
        return 1.0
    low, high = log10(_LEAST), log10(_GREATEST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if decides(10**middle) else (middle, high)
    return 10**high


def survivors(p_values: Mapping[Name, float], alpha: float = ALPHA) -> set[Name]:
    """Whose names survive Holm's correction ("A simple sequentially rejective multiple test procedure", Scandinavian
    Journal of Statistics 1979): that any of them is there by chance alone has a probability of ``alpha`` at most,
    however they depend on one another."""
    kept: set[Name] = set()
    for place, (name, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        if p > alpha / (len(p_values) - place):
            break
        kept.add(name)
    return kept
