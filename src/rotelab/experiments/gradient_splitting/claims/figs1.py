"""Figures S1a and S1b: are larger sets easier for ResNet18 to memorize, of noise and of images?"""

import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.questions import ease_per_doubling
from rotelab.claims.verdicts import Above, Below
from rotelab.experiments.gradient_splitting import figs1a


def _sizes(table: pandas.DataFrame) -> Values:
    return ease_per_doubling(table, figs1a.lines(table))


CLAIMS = [
    Claim(
        text="ResNet18: larger sets of noise are memorized more easily",
        where="section 2, Fig. S1a",
        paper="easier",
        recorded=".5 after 80, 51, 37, 27 epochs; 400, 510, 740, 1080 steps (corrected)",
        quantity="as for the ConvNet, train minus pseudo-test accuracy",
        rule=Above(0.0),
        values=_sizes,
        sweep=("figs1a",),
    ),
    Claim(
        text="ResNet18: larger sets of images are memorized less easily",
        where="section 2, Fig. S1b",
        paper="harder",
        recorded="gap .043 (5k), .027 (10k), .017 (20k), far from fitting",
        quantity="as for the ConvNet, train minus pseudo-test accuracy",
        rule=Below(0.0),
        values=_sizes,
        sweep=("figs1b",),
    ),
]
