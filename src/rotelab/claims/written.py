"""A sample as claims.csv has it, from which every verdict can be computed again."""

from rotelab.claims.samples import Bounded, Exact, Mean, Sample, Unpaired
from rotelab.claims.shares import Count, ShareDifference, Shares


def method(sample: Sample) -> str:
    """The column ``interval``: ``t``, ``logit -1 1 0.1``, ..."""
    return " ".join([sample.method, *(f"{number:.17g}" for number in sample.numbers)])


def read(interval: str, values: str, others: str = "") -> Sample:
    """The sample of which these are the columns. ValueError where no method is called so."""
    name, _, numbers = interval.partition(" ")
    match name, numbers:
        case "exact", _:
            return Exact(float(values))
        case "t", _:
            return Mean(_floats(values))
        case "welch", _:
            return Unpaired(_floats(values), _floats(others))
        case "logit", _:
            return Bounded(_floats(values), *_floats(numbers))
        case "binomial", "":
            return Shares(_counts(values))
        case "binomial", "difference":
            return ShareDifference(_counts(values), _counts(others))
    raise ValueError(f"no interval is called {interval}")


def _floats(text: str) -> tuple[float, ...]:
    return tuple(map(float, text.split()))


def _counts(text: str) -> tuple[Count, ...]:
    return tuple(Count(*map(int, part.split("/"))) for part in text.split())
