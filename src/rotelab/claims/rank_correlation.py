"""Does a number grow with another? Spearman's rank correlation, one for each seed."""

from collections.abc import Mapping

import pandas
from scipy.stats import spearmanr

from rotelab.claims.claim import NotMeasured
from rotelab.claims.samples import Bounded


def rank_correlations(by_value: Mapping[float, pandas.Series], without_order: float) -> Bounded:
    """Of the values with what each seed has at them, from -1 to 1; ``without_order`` where that is always the same.

    A seed that lacks one of the values is left out. Of m values without ties correlations differ by 12 / (m^3 - m) at
    least. NotMeasured for a single value.
    """
    wide = pandas.DataFrame(by_value).dropna()
    if (m := wide.shape[1]) < 2:
        raise NotMeasured("a single value has no order")
    found = (spearmanr(wide.columns, row).statistic if len(set(row)) > 1 else without_order for row in wide.to_numpy())
    return Bounded(tuple(map(float, found)), -1.0, 1.0, 12 / (m**3 - m))
