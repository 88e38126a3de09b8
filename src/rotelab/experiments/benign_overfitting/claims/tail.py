"""Does the bound say which tails are harmless?"""

import numpy
import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.verdicts import Below, Within
from rotelab.exact import anisotropic
from rotelab.exact.spectrum import variance_term
from rotelab.experiments.benign_overfitting.tail import HEAD, LENGTHS, MASSES, NOISE, B, spectrum

POINTS = 100


def _share(_: pandas.DataFrame) -> Values:
    return {"": [anisotropic.equivalent(spectrum(2.0, 20_000), B, POINTS, NOISE).excess / NOISE**2]}


def _constant(_: pandas.DataFrame) -> Values:
    ratios = []
    for mass in numpy.geomspace(*MASSES, 9).tolist():
        for length in numpy.geomspace(*LENGTHS, 9).tolist():
            of = spectrum(mass, round(length * POINTS))
            if of.tail <= 1:
                variance = anisotropic.equivalent(of, B, POINTS, NOISE).variance
                ratios.append(abs(numpy.log(variance / variance_term(of, POINTS, NOISE))))
    return {"": [float(numpy.exp(max(ratios)))]}


CLAIMS = [
    Claim(
        text="With a long and light tail every noisy label is fitted at nearly no cost",
        where="Bartlett et al., section 1",
        paper="near-optimal prediction in spite of a perfect fit to noise",
        recorded="arithmetic",
        quantity=f"excess risk over the noise's variance: {POINTS} points, {HEAD} features of variance 1 and 20,000 of "
        "1e-4, many points' limit",
        rule=Below(0.1),
        values=_share,
    ),
    Claim(
        text="What noise adds is s^2 (k* / n + n / R_k*), up to a constant",
        where="Bartlett et al., Theorem 4",
        paper="bounds from above and below that differ by a constant",
        recorded="arithmetic",
        quantity=f"greatest factor between the two over tails of mass 0.1 to 1,000, length 1.2 n to 1,000 n; {POINTS} "
        "points, many points' limit",
        rule=Within(high=10.0),
        values=_constant,
    ),
]
