"""Figure 2a: is noise memorized more easily than images?"""

import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.verdicts import Above
from rotelab.experiments.gradient_splitting import fig2a
from rotelab.results.lines import finals


def _noise_minus_images(table: pandas.DataFrame) -> Values:
    images, noise = (finals(table, line) for line in fig2a.LINES)
    return {"": (noise - images).dropna()}


CLAIMS = [
    Claim(
        text="Noise is memorized more easily than as many images",
        where="section 2, Fig. 2a",
        paper="relatively easy",
        recorded=".747 against .426",
        quantity="last train accuracy under Eq. (4), which on noise is plain training; noise minus images",
        rule=Above(0.0),
        values=_noise_minus_images,
        sweep=("fig2a",),
    ),
]
