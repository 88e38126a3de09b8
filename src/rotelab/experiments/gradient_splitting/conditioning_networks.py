"""Do good settings make other networks memorize? Eq. (1) and (3).

Blue is plain training and orange gradient splitting, a small dot a seed; two rows a network, under usual and under
good settings (conf/conditioning), hollow where not every seed came to the train accuracy, with how many did. Where
orange stands in the row of good settings alone, that network would not memorize for want of them.
"""

import pandas

from rotelab.experiments.gradient_splitting.conditioning import by_row, objectives
from rotelab.results.lines import Line, check_names

SETTINGS = ("usual", "good")


def networks(table: pandas.DataFrame) -> list[str]:
    """The choices of ``model``, in the order of the sweep. Refusal where it names none."""
    check_names(table, ["conditioning", "model"], "runs of sweep=gradient_splitting/conditioning_networks, which name")
    return list(dict.fromkeys(table.model))


def rows(table: pandas.DataFrame) -> dict[str, list[Line]]:
    """Eq. (3) and Eq. (1) of every network under both settings, by its words."""
    return {
        f"{name.replace('_', ' ')}, {settings}": objectives(settings, {"model": name})
        for name in networks(table)
        for settings in SETTINGS
    }


EXPERIMENT = by_row(rows)
