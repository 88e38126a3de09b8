"""Figure 3: how much smaller a less stable basin is in the paper's 1000 dimensions."""

import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.verdicts import Within


def _basins(_: pandas.DataFrame) -> Values:
    from rotelab.exact import basins  # imports torch

    return {"": [basins.log10_ratio(1000)]}


CLAIMS = [
    Claim(
        text="Basin a is (2/3)^1000 of basin b in 1000 dimensions",
        where="section 4, Fig. 3",
        paper="1 / 1.2e176",
        recorded="arithmetic",
        quantity="log10 of the ratio of volumes",
        rule=Within(-176.1, -176.05),
        values=_basins,
    ),
]
