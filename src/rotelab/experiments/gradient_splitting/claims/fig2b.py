"""Figure 2b: does more noise in the images make them easier to memorize?"""

import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.questions import ease
from rotelab.claims.rank_correlation import rank_correlations
from rotelab.claims.verdicts import Above
from rotelab.experiments.gradient_splitting import fig2b


def _more_noise(table: pandas.DataFrame) -> Values:
    by_noise = {line.where["data.inputs.noise"]: ease(table, line) for line in fig2b.lines(table)}
    return {"": rank_correlations(by_noise, without_order=float("nan"))}


CLAIMS = [
    Claim(
        text="The more noise, the fewer epochs",
        where="section 2, Fig. 2b",
        paper="incremental noise decreases epochs",
        recorded=".32 (0 %) to .76 (100 %), two ties",
        quantity="rank correlation of noise with the mean train accuracy over all epochs",
        rule=Above(0.0),
        values=_more_noise,
        sweep=("fig2b",),
    ),
]
