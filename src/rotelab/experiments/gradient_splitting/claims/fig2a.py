"""Figure 2a: is noise memorized more easily than images?"""

from collections.abc import Sequence

import pandas

from rotelab.claims.claim import Ask, Claim, Values
from rotelab.claims.verdicts import Above
from rotelab.experiments.gradient_splitting import fig2a
from rotelab.results.lines import Line, finals


def _noise_minus_images(lines: Sequence[Line]) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        images, noise = (finals(table, line) for line in lines)
        return {"": (noise - images).dropna()}

    return values


CLAIMS = [
    Claim(
        text="Noise is memorized more easily than as many images",
        where="section 2, Fig. 2a",
        paper="relatively easy",
        recorded=".747 against .426",
        quantity="last train accuracy under Eq. (4), which on noise is plain training; noise minus images",
        rule=Above(0.0),
        values=_noise_minus_images(fig2a.LINES),
        sweep=("fig2a",),
    ),
    Claim(
        text="... and more easily than as many images are learned by plain training",
        where="Fig. 2a, our control",
        paper="none",
        quantity="last train accuracy under Eq. (3), noise minus images",
        rule=Above(0.0),
        values=_noise_minus_images(fig2a.PLAIN),
        sweep=("fig2a",),
    ),
]
