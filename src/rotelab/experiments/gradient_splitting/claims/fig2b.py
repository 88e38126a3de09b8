"""Figure 2b: does more noise in the images make them easier to memorize?"""

from collections.abc import Sequence

import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.questions import ease
from rotelab.claims.rank_correlation import rank_correlations
from rotelab.claims.verdicts import Above
from rotelab.experiments.gradient_splitting import fig2b
from rotelab.results.lines import Line, plain


def _order(table: pandas.DataFrame, lines: Sequence[Line]) -> Values:
    by_noise = {line.where["data.inputs.noise"]: ease(table, line) for line in lines}
    return {"": rank_correlations(by_noise, without_order=float("nan"))}


def _more_noise(table: pandas.DataFrame) -> Values:
    return _order(table, fig2b.lines(table))


def _more_noise_plain(table: pandas.DataFrame) -> Values:
    return _order(table, [plain(line) for line in fig2b.lines(table)])


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
    Claim(
        text="... and the fewer epochs of plain training",
        where="Fig. 2b, our control",
        paper="none",
        quantity="the same under Eq. (3)",
        rule=Above(0.0),
        values=_more_noise_plain,
        sweep=("fig2b",),
    ),
]
