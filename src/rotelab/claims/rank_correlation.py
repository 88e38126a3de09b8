"""Does a number grow with another? Spearman's rank correlation, one for each seed."""

from collections.abc import Mapping

import pandas
from scipy.stats import spearmanr


def rank_correlations(by_value: Mapping[float, pandas.Series], without_order: float) -> list[float]:
    """Of the values with what each seed has at them, from -1 to 1; ``without_order`` where that is always the same.

    A seed that lacks one of the values is left out.
    """
    wide = pandas.DataFrame(by_value).dropna()
    return [
        float(spearmanr(wide.columns, row).statistic) if len(set(row)) > 1 else without_order for row in wide.to_numpy()
    ]
