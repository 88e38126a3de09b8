"""How often does Eq. (4) unlearn anything? Where it never does, it is plain training."""

import pandas

from rotelab.claims.claim import Claim, NotMeasured, Values
from rotelab.claims.samples import accuracies
from rotelab.claims.verdicts import Below


def _leaves_plain(table: pandas.DataFrame) -> Values:
    noise = table[(table["data/inputs"] == "gaussian_blend") & (table.metric == "sign")]
    noise = noise[noise.objective == "threshold"]
    if noise.empty:
        raise NotMeasured("the sweep has no noise")
    return {"": accuracies(noise.assign(left=noise.value < 0).groupby("seed").left.mean())}


CLAIMS = [
    Claim(
        text="On noise Eq. (4) hardly ever leaves plain training",
        where="Fig. 2, our question",
        paper="none",
        recorded="no epoch with pseudo-test accuracy above k",
        quantity="share of epochs on noise with sign -1",
        rule=Below(0.05),
        values=_leaves_plain,
        sweep=("fig2c",),
        check="nothing about other noise can be learned from noise, so that Eq. (4) has next to nothing to unlearn",
    ),
]
