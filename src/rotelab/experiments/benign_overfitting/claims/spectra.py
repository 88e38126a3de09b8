"""Of which spectra is the interpolation of noisy labels harmless, with more and more points?"""

import pandas

from rotelab.claims.claim import Ask, Claim, Values
from rotelab.claims.verdicts import Above, Below
from rotelab.experiments.benign_overfitting.spectra import SPECTRA, limit

BENIGN, POWER, _ = SPECTRA


def _grows_by(name: str) -> Ask:
    def values(_: pandas.DataFrame) -> Values:
        return {"": [limit(name, 10_000) / limit(name, 100)]}

    return values


QUANTITY = "excess risk at 10,000 points over that at 100, many points' limit, signal 1, noise 0.5; "

CLAIMS = [
    Claim(
        text="Interpolation of noisy labels can be harmless: the risk goes to that of the truth",
        where="Bartlett et al., Theorem 6 (2)",
        paper="benign for exp(-i) and a flat tail of more features than points and less mass",
        recorded="arithmetic",
        quantity=QUANTITY + BENIGN,
        rule=Below(0.1),
        values=_grows_by(BENIGN),
    ),
    Claim(
        text="... and it is not where variances fall like a power, however many features there are",
        where="Bartlett et al., Theorem 6 (1)",
        paper="i^-a log^-b (i + 1) is benign for a = 1 and b > 1 alone",
        recorded="arithmetic",
        quantity=QUANTITY + POWER,
        rule=Above(0.5),
        values=_grows_by(POWER),
    ),
]
