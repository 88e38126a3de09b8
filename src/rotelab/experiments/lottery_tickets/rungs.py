"""The runs of a ladder, by what is left of them: what figures and claims of tickets have in common."""

import pandas

from rotelab.errors import Refusal
from rotelab.figures import style
from rotelab.results.lines import Line, check_names

ROUNDS, ARM = "start.rounds", "start.arm"
ARMS = {
    "ticket": ("tickets", style.PLAIN),
    "reinitialized": ("reinitialized", style.MEMORIZE),
    "random_mask": ("random masks", style.BOTH),
    "magnitude_at_start": ("greatest initial weights", "#CC79A7"),
}


def rounds(table: pandas.DataFrame) -> list[int]:
    """Those of pruning, in order. Raises Refusal where the runs name none, or only that of the whole network."""
    check_names(table, [ROUNDS, ARM], "runs of start=pruned, which name")
    found = sorted(int(value) for value in table[ROUNDS].unique())
    if found[0] or len(found) < 2:
        raise Refusal("the figure needs round 0, the whole network, and a later one")
    return found


def line(arm: str, at: int, objective: str = "standard", split: str = "train", linestyle: str = "-") -> Line:
    """Of an arm after so many rounds."""
    words, color = ARMS[arm]
    where = {"objective": objective, ARM: arm, ROUNDS: at}
    return Line(f"{words}, {objective}, round {at}", where, color, split, linestyle)


def percent(share: float, at: int) -> float:
    """Of the weights of each layer but the last that so many rounds leave, to rounding."""
    return 100 * (1 - share) ** at


def over_left(found: pandas.DataFrame, share: float) -> pandas.DataFrame:
    """A table with a row a round and a column a seed, by per cent ``left``, as ``style.seeds`` draws it."""
    by_percent = found.set_axis([percent(share, int(at)) for at in found.index])
    return by_percent.rename_axis("left").reset_index().melt("left", var_name="run")


def nearest(table: pandas.DataFrame, share: float, wanted: float) -> int:
    """The round that leaves as near as can be so many per cent, in factors; never the whole network."""
    return min(rounds(table)[1:], key=lambda at: max(percent(share, at) / wanted, wanted / percent(share, at)))
