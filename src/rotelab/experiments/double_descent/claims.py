"""What closed forms say of double descent."""

import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.verdicts import Above, Below, Within

NO_RECORD = "no record"


def _peak(_: pandas.DataFrame) -> Values:
    from rotelab.exact import ridgeless

    return {"": [ridgeless.expected(100, 102, 1.0, 0.5) / ridgeless.expected(100, 50, 1.0, 0.5)]}


def _falls(_: pandas.DataFrame) -> Values:
    from rotelab.exact import ridgeless

    return {"": [ridgeless.asymptotic(2.0, 1.0, 0.5) - ridgeless.asymptotic(1.25, 1.0, 0.5)]}


def _least(_: pandas.DataFrame) -> Values:
    from rotelab.exact import ridgeless

    return {"": [ridgeless.least(1.0, 0.5)]}


CLAIMS = [
    Claim(
        "Least squares without a ridge is at its worst where it can just interpolate",
        "Hastie et al., Theorem 1",
        "the risk diverges at p = n",
        "arithmetic",
        "mean excess risk at p = 102 over that at p = 50; 100 points, signal 1, noise 0.5",
        Above(10.0),
        _peak,
    ),
    Claim(
        "... and more features than that make it better again",
        "Hastie et al., Theorem 1",
        "the risk decreases beyond p = n",
        "arithmetic",
        "asymptotic excess risk at p / n = 2 minus that at 1.25; signal 1, noise 0.5",
        Below(0.0),
        _falls,
    ),
    Claim(
        "... up to p / n = r / (r - s)",
        "Hastie et al., section 3",
        "a minimum where the signal is stronger than the noise",
        "arithmetic",
        "p / n of the least asymptotic risk beyond 1; signal 1, noise 0.5",
        Within(2.0, 2.0),
        _least,
    ),
]
